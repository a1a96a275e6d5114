// Loaded into the host before the app. A call whose body holds the word ends the process, as a fault in native code
// would: at once, with everything that it was doing. It does so as long as the file that DEADLY_WHILE names is there.
import { existsSync } from 'node:fs';

const file = process.env.DEADLY_WHILE ?? '';
const call = globalThis.fetch;

globalThis.fetch = (url, init) => {
  if (String(init?.body).includes('deadly') && existsSync(file)) process.kill(process.pid, 'SIGKILL');
  return call(url, init);
};
