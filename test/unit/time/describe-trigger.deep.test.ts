import { describeDescriptions } from './descriptions.suite.ts';

describeDescriptions();
