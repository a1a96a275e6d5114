import type { ImportGraph } from './import-graph.ts';

const nouns = 'shared/domain';
const wing = (name: string): string => `shared/domain/${name}`;
const port = 'shared/app/ports';
/** What the process gives: the app takes them as ports. */
const ground = ['shared/clock.ts', 'shared/randomness.ts'];
const timings = 'shared/app/timings.ts';
const createTimings = 'shared/app/create-timings.ts';
const uses = ['shared/app/uses.ts', 'shared/app/settings.ts', timings];

/**
 * The rooms from the top, each with the rooms that it may import. A room is a folder without the folders in it, or one
 * file. All named rooms stand below: an arrow only ever runs down.
 */
export const rooms: readonly (readonly [room: string, mayImport: readonly string[]])[] = [
  ['bench', ['test', 'local', 'local/sample-agent', 'shared/storage', wing('time'), nouns, 'shared/clock.ts']],
  ['test', []],

  ['local', ['local/host', 'local/sample-agent', 'shared/storage', port, 'shared/config.ts', 'shared/clock.ts', nouns]],
  // It stands in for the platform and knows no app.
  ['local/host', []],
  ['local/sample-agent', [port]],

  // Of the app they name the types of requests, and what a queue has to know of a delivery; they call it by services.ts.
  [
    'functions',
    [
      'shared/services.ts',
      'shared/app/delivery',
      'shared/app/runs',
      'shared/http',
      'shared/storage/queues',
      'shared/log.ts',
      'shared/config.ts',
      wing('run-filter'),
      nouns,
    ],
  ],
  [
    'shared/services.ts',
    [
      'shared/agents',
      'shared/storage/tables',
      'shared/storage/queues',
      'shared/storage',
      'shared/app',
      'shared/app/settings.ts',
      createTimings,
      timings,
      port,
      'shared/log.ts',
      'shared/config.ts',
      ...ground,
    ],
  ],

  // The adapters. Of the app they know its ports; HTTP stands before it and calls it.
  [
    'shared/http',
    [
      'shared/app',
      'shared/app/operations',
      'shared/app/runs',
      'shared/app/routines',
      port,
      'shared/log.ts',
      'shared/config.ts',
      'shared/loopback.ts',
      ...['run-filter', 'progress', 'kinds', 'preview', 'time', 'schema'].map(wing),
      nouns,
      ...ground,
    ],
  ],
  [
    'shared/agents',
    [
      'shared/agents/answers',
      timings,
      port,
      'shared/config.ts',
      'shared/loopback.ts',
      wing('progress'),
      wing('kinds'),
      wing('schema'),
      nouns,
      ...ground,
    ],
  ],
  // What agents say, whatever its shape: no request is made here, and no time passes.
  ['shared/agents/answers', [wing('progress'), nouns]],
  // Tables and queues know nothing of each other.
  [
    'shared/storage/tables',
    ['shared/storage', port, wing('run-filter'), wing('progress'), wing('kinds'), wing('schema'), nouns, ...ground],
  ],
  ['shared/storage/queues', ['shared/storage', port, wing('schema'), nouns, ...ground]],
  ['shared/storage', [timings, 'shared/config.ts', nouns, ...ground]],

  // The app: its service, then the wings of its use cases.
  [
    'shared/app',
    [
      ...['operations', 'runs', 'routines', 'schedule', 'delivery'].map((name) => `shared/app/${name}`),
      port,
      ...uses,
      nouns,
      ...ground,
    ],
  ],
  [
    'shared/app/operations',
    [
      'shared/app/runs',
      'shared/app/routines',
      'shared/app/schedule',
      'shared/app/delivery',
      port,
      ...uses,
      wing('progress'),
      nouns,
      ...ground,
    ],
  ],
  [
    'shared/app/runs',
    [
      'shared/app/routines',
      'shared/app/schedule',
      'shared/app/delivery',
      port,
      ...uses,
      wing('run-filter'),
      wing('progress'),
      nouns,
      ...ground,
    ],
  ],
  [
    'shared/app/routines',
    [
      'shared/app/schedule',
      'shared/app/delivery',
      port,
      ...uses,
      wing('planning'),
      wing('kinds'),
      wing('preview'),
      wing('time'),
      nouns,
      ...ground,
    ],
  ],
  [
    'shared/app/schedule',
    ['shared/app/delivery', port, ...uses, wing('progress'), wing('planning'), wing('time'), nouns, ...ground],
  ],
  ['shared/app/delivery', [port, ...uses, wing('progress'), wing('planning'), wing('kinds'), nouns, ...ground]],
  ['shared/app/uses.ts', ['shared/app/settings.ts', port]],
  ['shared/app/settings.ts', [timings, wing('progress')]],
  [createTimings, [timings]],
  [timings, []],

  ['shared/log.ts', [port]],
  [port, [wing('run-filter'), wing('progress'), nouns, ...ground]],
  ['shared/config.ts', [nouns]],
  ['shared/loopback.ts', []],
  ['shared/clock.ts', []],
  ['shared/randomness.ts', []],

  // The domain: what is decided, then the kinds, then what they are made of. Its nouns import no wing.
  [wing('run-filter'), [wing('progress'), nouns]],
  [wing('planning'), [wing('progress'), wing('kinds'), wing('time'), nouns]],
  [wing('progress'), [wing('kinds'), nouns]],
  [wing('kinds'), [wing('preview'), wing('time'), wing('schema'), nouns]],
  [wing('preview'), [wing('time'), nouns]],
  [wing('time'), [nouns]],
  [wing('schema'), [nouns]],
  [nouns, []],
];

const places = new Map(rooms.map(([room], place) => [room, place]));
const allowed = new Map(rooms);

/** Tests of whatever folder are one room: they may look everywhere. */
const roomOf = (file: string): string | undefined =>
  [file, file.startsWith('test/') ? 'test' : file.slice(0, file.lastIndexOf('/'))].find((room) => places.has(room));

/** Arrows of the table itself that do not run down, and names in it that are no room. */
export const wrongInTable = (): readonly string[] =>
  rooms.flatMap(([room, mayImport], place) =>
    mayImport
      .filter((target) => (places.get(target) ?? -1) <= place)
      .map((target) => `${target} does not stand below ${room}`),
  );

/** Every import that the table does not allow, with both files. */
export const wrongArrows = (graph: ImportGraph): readonly string[] =>
  [...graph].flatMap(([file, imports]) => {
    const room = roomOf(file);
    if (room === undefined) return [`${file} is in no room: give it one, or a folder, in test/house/rooms.ts`];
    return imports.flatMap((target) => {
      const targetRoom = roomOf(target);
      if (targetRoom === room || (targetRoom !== undefined && allowed.get(room)?.includes(targetRoom))) return [];
      return [`${file} imports ${target}: ${room} may not import ${targetRoom ?? 'what is in no room'}`];
    });
  });
