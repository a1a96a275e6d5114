export const ringNames = ['fast', 'storage', 'deep'] as const;
export type RingName = (typeof ringNames)[number];

interface Ring {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** Tests that go deeper than their folder: a file `*.deep.test.ts` is in the deep ring wherever it lies. */
const deeper = 'test/**/*.deep.test.ts';

/** Rules of the house and of the emulator: they start processes. */
const processesOfFastFolders = ['test/unit/lint-rules.test.ts', 'test/local/azurite.test.ts'];
/** An agent's answers of 100 MB and more take longer than all that the fast ring is for. */
const heavyOfFastFolders = ['test/agents/large-answers.test.ts'];
/** Queue tests that need no queue. */
const withoutQueue = ['test/queue/messages.test.ts', 'test/queue/settle.test.ts'];
/** What the host decides, without a host. */
const withoutHost = [
  'test/host/log-filter.test.ts',
  'test/host/ncrontab.test.ts',
  'test/host/queue-message.test.ts',
  'test/host/route-template.test.ts',
  'test/host/worker-deaths.test.ts',
];
/** Rules of the house that only read files. */
const readingRules = ['arrows', 'sentences', 'timings-table'].map((rule) => `test/house/${rule}.test.ts`);
/** Checkers that are tested on made-up observations. */
const checkers = ['test/soak/history.test.ts', 'test/soak/evidence.test.ts', 'test/promises/**/*.test.ts'];

/**
 * Which test file is in which ring; every file is in exactly one.
 *
 * - `fast`: domain, use cases on memory stores, functions, agents, wire. It starts no process and opens no socket but
 *   loopback servers of its own.
 * - `storage`: stores, queues and deliveries on the emulator; the built app, what it loads and the official SDK on it.
 * - `deep`: searches at depth, faults, kills, simulation, soak, start, e2e, host, lint rules.
 */
export const rings: Readonly<Record<RingName, Ring>> = {
  fast: {
    include: [
      'test/{agents,app,functions,infra,local,memory,rings,sample-agent,simulation,unit}/**/*.test.ts',
      ...withoutQueue,
      ...withoutHost,
      ...readingRules,
      ...checkers,
    ],
    exclude: [deeper, ...processesOfFastFolders, ...heavyOfFastFolders],
  },
  storage: {
    include: ['test/{build,contract,delivery,queue,storage}/**/*.test.ts', ...heavyOfFastFolders],
    exclude: [deeper, ...withoutQueue],
  },
  deep: {
    include: [deeper, 'test/{e2e,faults,host,house,soak,start}/**/*.test.ts', ...processesOfFastFolders],
    exclude: [...withoutHost, ...readingRules, ...checkers],
  },
};
