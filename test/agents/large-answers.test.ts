import { describeLargeAnswers } from './large-answers.suite.ts';

describeLargeAnswers();
