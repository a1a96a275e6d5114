import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Reporter, TestModule, Vitest } from 'vitest/node';
import { z } from 'zod';

/** Shorter ones fill gaps wherever they begin. */
const shortestSeconds = 2;

/** A reporter that writes how long each test file of the run took into `test/durations.json` (`npm run test:durations`). */
export class DurationsRecorder implements Reporter {
  private root = '';

  onInit(vitest: Vitest): void {
    this.root = vitest.config.root;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const file = join(this.root, 'test/durations.json');
    const known = z.record(z.string(), z.number()).parse(JSON.parse(readFileSync(file, 'utf8')));
    const seconds = new Map(Object.entries(known).filter(([name]) => existsSync(join(this.root, name))));
    for (const module of modules) {
      const { collectDuration, setupDuration, duration } = module.diagnostic();
      const took = Math.round((collectDuration + setupDuration + duration) / 1000);
      const name = relative(this.root, module.moduleId);
      if (took >= shortestSeconds) seconds.set(name, took);
      else seconds.delete(name);
    }
    const longestFirst = [...seconds].toSorted(([a, x], [b, y]) => y - x || a.localeCompare(b));
    writeFileSync(file, `${JSON.stringify(Object.fromEntries(longestFirst), null, 2)}\n`);
  }
}
