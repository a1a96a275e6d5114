import { createRequire } from 'node:module';
import { startAzurite } from '../local/azurite.ts';

/**
 * The storage emulator in a process of its own: it ends with the process that started it. Once a minute it would look
 * for the bodies of deleted messages, in a time that grows with the square of their number and answers no request meanwhile:
 * in the life of a test run their memory is not worth that.
 */
const gcManager: { default: { prototype: { markSweep: () => Promise<void> } } } = createRequire(import.meta.url)(
  'azurite/dist/src/queue/gc/QueueGCManager.js',
);
gcManager.default.prototype.markSweep = () => Promise.resolve();

const azurite = await startAzurite({ inMemory: true });
process.on('disconnect', () => process.exit(0));
process.send?.(azurite.connectionString);
