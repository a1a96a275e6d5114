import { afterAll, beforeAll } from 'vitest';
import { type ContractApp, startContractApp, startTimeout } from './contract-app.ts';
import { describeErrors } from './errors.suite.ts';
import { describePaging } from './paging.suite.ts';
import { describePolicies } from './policies.suite.ts';
import { describePreview } from './preview.suite.ts';
import { describeRoutines } from './routines.suite.ts';
import { describeRunControl } from './run-control.suite.ts';
import { describeRuns } from './runs.suite.ts';
import { describeWire } from './wire.suite.ts';

// One app for all of this: starting it takes longer than most of the suites.
let app: ContractApp;
beforeAll(async () => {
  app = await startContractApp('contractsdk');
}, startTimeout);
afterAll(() => app?.end('SIGTERM'));

describeRoutines(() => app);
describeRuns(() => app);
describePaging(() => app);
describeErrors(() => app);
describeWire(() => app);
describePreview(() => app);
describeRunControl(() => app);
describePolicies(() => app);
