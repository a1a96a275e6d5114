import { test } from 'vitest';
import { installLibraries } from './libraries.ts';
import { testRealAgents } from './real-agents.suite.ts';

const libraries = await installLibraries('newest');

if ('python' in libraries) testRealAgents('newest', libraries.python);
else
  test(`real agents are not tried: ${libraries.why}`, () => console.log(`Real agents are not tried: ${libraries.why}`));
