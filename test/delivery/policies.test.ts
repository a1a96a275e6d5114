import { describePolicies } from './policies.suite.ts';

describePolicies();
