import { startAzurite } from '../../local/azurite.ts';

/**
 * The storage emulator as a process of its own, on disk. `AZURITE_PORTS` (`blob,queue,table`) puts it where it was
 * before. SIGTERM keeps everything; SIGKILL would lose what it has not written yet, which storage never does.
 */
const { AZURITE_FOLDER = '', AZURITE_PORTS = '0,0,0' } = process.env;
const [blob = 0, queue = 0, table = 0] = AZURITE_PORTS.split(',').map(Number);
const azurite = await startAzurite({ location: AZURITE_FOLDER, ports: { blob, queue, table } });

const stop = async (): Promise<void> => {
  await azurite.close();
  process.exit(0);
};
process.on('SIGTERM', stop);
process.on('SIGINT', () => undefined);
// Its parent is gone.
process.on('disconnect', stop);
process.stdout.write(`azurite ready ${azurite.connectionString}\n`);
