import { type HostOptions, startHost } from '../../local/host/host.ts';

/**
 * A process with a host started by its API, with the options in `SERVE_OPTIONS`. On SIGTERM it closes the host twice and
 * then does nothing: it ends when the host has let go of everything.
 */
const options: Omit<HostOptions, 'log'> = JSON.parse(process.env.SERVE_OPTIONS ?? '{}');

const host = await startHost({ ...options, log: (line) => console.error(JSON.stringify(line)) });

process.once('SIGTERM', async () => {
  const [first, second] = [host.close(1), host.close(60)];
  await first;
  console.log(first === second ? 'closed once' : 'closed twice');
});

console.log(`host ready ${host.url}`);
console.log(JSON.stringify(host.functions));
