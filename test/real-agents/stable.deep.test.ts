import { test } from 'vitest';
import { installLibraries } from './libraries.ts';
import { testRealAgents } from './real-agents.suite.ts';

const libraries = await installLibraries('stable');

if ('python' in libraries) testRealAgents('stable', libraries.python);
else
  test(`real agents are not tried: ${libraries.why}`, () => console.log(`Real agents are not tried: ${libraries.why}`));
