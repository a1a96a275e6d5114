import { describeInterleavings } from './interleavings.suite.ts';

describeInterleavings();
