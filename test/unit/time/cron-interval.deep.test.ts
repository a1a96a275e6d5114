import { describeClosestFires } from './closest-fires.suite.ts';

describeClosestFires();
