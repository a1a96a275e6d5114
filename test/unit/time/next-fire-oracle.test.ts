import { describeNextFires } from './next-fire-oracle.suite.ts';

describeNextFires();
