import { describeSimulatedWeeks } from './simulated-weeks.suite.ts';

describeSimulatedWeeks();
