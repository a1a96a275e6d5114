import type { RoutineStore, StoredRoutine } from '../../../shared/app/ports/routine-store.ts';
import type { RunStore, WrittenRun } from '../../../shared/app/ports/run-store.ts';
import type { ScheduleStore } from '../../../shared/app/ports/schedule-store.ts';
import type { ThreadStore } from '../../../shared/app/ports/thread-store.ts';
import { StorageUnavailableError } from '../../../shared/domain/errors.ts';
import type { Run } from '../../../shared/domain/run.ts';
import { shardOf } from '../../../shared/storage/tables/schedule-row.ts';
import { daily, demo } from '../world.ts';
import type { Schedule } from './schedule.ts';

/** What the process of an actor that crashed ever hears again. */
export const never = (): Promise<never> => new Promise(() => undefined);

/**
 * `isMine` looks, after the request was refused, whether what stands there is what this request wrote: how the adapters
 * tell their own success behind a lost answer (promise 7).
 */
export interface Request<Answer> {
  readonly label: string;
  send(): Promise<Answer>;
  afterRepeat?(first: Answer): Promise<Answer>;
}

export type Ask = <Answer>(request: Request<Answer>) => Promise<Answer>;

/** How one actor makes its requests: each waits for its turn and meets the fault that was chosen for it. */
export const requestsOf =
  (schedule: Schedule, actor: string): Ask =>
  async ({ label, send, afterRepeat }) => {
    const fault = await schedule.wait(actor, label, 0);
    if (fault === 'crash_before') return never();
    if (fault === 'unavailable') throw new StorageUnavailableError(`${label}: no answer`);
    const answer = await send();
    if (fault === 'crash_after') return never();
    if (fault === 'lost_answer') throw new StorageUnavailableError(`${label}: the answer was lost`);
    if (fault !== 'repeated' || afterRepeat === undefined) return answer;
    await schedule.wait(actor, `${label}, repeated`, 0);
    return afterRepeat(answer);
  };

/** The store as one actor sees it. */
export const routinesOf = (ask: Ask, store: RoutineStore): RoutineStore => {
  const current = async () => await store.get(demo, daily);
  const write = async (label: string, send: () => Promise<boolean>): Promise<boolean> => {
    let mine: StoredRoutine | null = null;
    return ask({
      label,
      send: async () => {
        const isWritten = await send();
        mine = isWritten ? await current() : null;
        return isWritten;
      },
      afterRepeat: async () => mine !== null && (await current())?.version === mine.version,
    });
  };
  return {
    get: (project, name) => ask({ label: 'read routine', send: () => store.get(project, name) }),
    put: (routine, over) => write(`put routine ${routine.generation}`, () => store.put(routine, over)),
    remove: (tombstone, over) => write(`remove routine ${tombstone.generation}`, () => store.remove(tombstone, over)),
    list: (project, page) => store.list(project, page),
    names: (after, limit) => store.names(after, limit),
  };
};

/** The store as one actor sees it. */
export const runsOf = (ask: Ask, store: RunStore): RunStore => {
  const write = (label: string, run: Run, send: () => Promise<WrittenRun | null>) =>
    ask({
      label: `${label} ${run.id.slice(9, 13)} ${run.state.phase}`,
      send,
      afterRepeat: async (written) => {
        const standing = written && (await store.get(run.project, run.routine, run.id));
        if (written === null || standing?.version !== written.version) return null;
        const hold = written.hold && (await store.readHold(run.project, run.routine));
        return { ...written, ...(hold && { hold }) };
      },
    });
  return {
    ...store,
    get: (project, routine, id) => ask({ label: 'read run', send: () => store.get(project, routine, id) }),
    create: (run, hold) => write('create run', run, () => store.create(run, hold)),
    replace: (run, version, hold) => write('replace run', run, () => store.replace(run, version, hold)),
    readHold: (project, routine) => ask({ label: 'read hold', send: () => store.readHold(project, routine) }),
    writeHold: (project, routine, change) => {
      let mine: string | null = null;
      return ask({
        label: 'write hold',
        send: async () => {
          const isWritten = await store.writeHold(project, routine, change);
          if (isWritten) mine = (await store.readHold(project, routine)).version;
          return isWritten;
        },
        afterRepeat: async (isWritten) => isWritten && (await store.readHold(project, routine)).version === mine,
      });
    },
    createDispatched: (run, record, over) =>
      ask({ label: 'create dispatched run', send: () => store.createDispatched(run, record, over) }),
    findIdempotencyRecord: (project, routine, key) =>
      ask({ label: 'read idempotency record', send: () => store.findIdempotencyRecord(project, routine, key) }),
    listUnended: (...args) => ask({ label: 'list unended runs', send: () => store.listUnended(...args) }),
  };
};

/** The store as one actor sees it. */
export const threadsOf = (ask: Ask, store: ThreadStore): ThreadStore => ({
  read: (project, threadId) => ask({ label: 'read thread', send: () => store.read(project, threadId) }),
  give: (project, threadId, to) => {
    let mine: string | null = null;
    return ask({
      label: 'give thread',
      send: async () => {
        const isGiven = await store.give(project, threadId, to);
        if (isGiven) mine = (await store.read(project, threadId)).version;
        return isGiven;
      },
      afterRepeat: async (isGiven) => isGiven && (await store.read(project, threadId)).version === mine,
    });
  },
});

/** The store as one actor sees it. Shards that hold nothing are read without a step. */
export const schedulesOf = (ask: Ask, store: ScheduleStore): ScheduleStore => ({
  ...store,
  due: async function* (shard, horizon) {
    if (shard === shardOf(demo, daily)) await ask({ label: 'read due slots', send: async () => undefined });
    yield* store.due(shard, horizon);
  },
  advance: (advances) => ask({ label: 'advance', send: () => store.advance(advances) }),
  read: (project, routine) => ask({ label: 'read schedule', send: () => store.read(project, routine) }),
  write: (project, routine, changes) => {
    let mine = '';
    const rows = async () => JSON.stringify(await store.read(project, routine));
    return ask({
      label: 'write schedule',
      send: async () => {
        const isWritten = await store.write(project, routine, changes);
        if (isWritten) mine = await rows();
        return isWritten;
      },
      afterRepeat: async (isWritten) => isWritten && (await rows()) === mine,
    });
  },
});
