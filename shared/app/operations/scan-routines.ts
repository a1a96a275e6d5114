import { StorageUnavailableError } from '../../domain/errors.ts';
import type { EveryField } from '../../domain/every-field.ts';
import { lastSignOfLife } from '../../domain/progress/run-progress.ts';
import type { Run } from '../../domain/run.ts';
import { endRun, type HoldUses } from '../delivery/hold-routine.ts';
import type { ScanFindings, ScanMessage } from '../ports/messages.ts';
import type { RoutineKey } from '../ports/routine-store.ts';
import type { StoredRun } from '../ports/run-store.ts';
import { type RepairUses, repairSchedule } from '../schedule/repair-schedule.ts';
import { withConcurrency } from '../schedule/with-concurrency.ts';
import type { Uses } from '../uses.ts';

type ScanOneUses = HoldUses & RepairUses;
export type ScanUses = ScanOneUses & Uses<'work' | 'scans'>;

const chunkSize = 100;
const concurrentRoutines = 8;

/** Begins the daily scan: the net under all that should never happen (promise 13). */
export const startScan = async ({ work, clock, timings }: Uses<'work' | 'clock' | 'timings'>): Promise<void> => {
  const message: ScanMessage = { kind: 'scan', startedAt: clock.now().getTime(), found: nothing };
  await work.send(message, Math.ceil(timings.scanDelaySeconds));
};

const nothing: ScanFindings = { routines: 0, lostRuns: 0, repairedSchedules: 0, unreadableRoutines: 0 };

/**
 * Looks at the routines of one chunk, deleted ones too, and passes what was found so far to the next. What it finds it
 * mends, so that a repeated chunk finds nothing.
 *
 * A crash before the next message is sent repeats the chunk; what was mended is not counted again, but is in the log.
 * A crash after it leaves two chains of messages, which do the same; the end that has found more stands.
 */
export const scanRoutines = async (deps: ScanUses, message: ScanMessage): Promise<void> => {
  const { project, routine } = message.after ?? {};
  const after = project === undefined || routine === undefined ? null : { project, name: routine };
  const names = await deps.routines.names(after, chunkSize);
  const findings = await withConcurrency(names, concurrentRoutines, (name) => scanRoutine(deps, name));
  const found = findings.reduce(addFindings, message.found);
  const last = names.at(-1);
  if (last !== undefined && names.length === chunkSize) {
    await deps.work.send({ ...message, after: { project: last.project, routine: last.name }, found }, 0);
    return;
  }
  await endScan(deps, new Date(message.startedAt), found);
};

/** Findings that only a newer version of this service knows stay as they are. */
const addFindings = (a: ScanFindings, b: ScanFindings): EveryField<ScanFindings> => ({
  ...a,
  routines: a.routines + b.routines,
  lostRuns: a.lostRuns + b.lostRuns,
  repairedSchedules: a.repairedSchedules + b.repairedSchedules,
  unreadableRoutines: a.unreadableRoutines + b.unreadableRoutines,
});

const endScan = async (
  { scans, clock, log }: Uses<'scans' | 'clock' | 'log'>,
  startedAt: Date,
  found: ScanFindings,
): Promise<void> => {
  const standing = await scans.read();
  const isRepeat = standing?.startedAt.getTime() === startedAt.getTime();
  if (isRepeat && countOf(standing) >= countOf(found)) return;
  await scans.write({ startedAt, endedAt: clock.now(), ...found });
  log[countOf(found) === 0 ? 'info' : 'warn']('Daily scan ended', { ...found });
};

const countOf = ({ lostRuns, repairedSchedules, unreadableRoutines }: ScanFindings): number =>
  lostRuns + repairedSchedules + unreadableRoutines;

/** A routine that cannot be looked at harms no other. */
const scanRoutine = async (deps: ScanOneUses, key: RoutineKey): Promise<ScanFindings> => {
  const facts = { project: key.project, routine: key.name };
  try {
    const lostRuns = await failLostRuns(deps, key);
    const isRepaired = await repairSchedule(deps, key);
    if (isRepaired) deps.log.warn('Schedule repaired: it was not what its routine says', facts);
    return { ...nothing, routines: 1, lostRuns, repairedSchedules: isRepaired ? 1 : 0 };
  } catch (error) {
    if (error instanceof StorageUnavailableError) throw error;
    deps.log.error('Routine not scanned', facts, error);
    return { ...nothing, routines: 1, unreadableRoutines: 1 };
  }
};

/** Ends runs that nothing has happened to for a day, and says how many there were. Each is looked at twice, as a rule. */
const failLostRuns = async (deps: HoldUses & Uses<'timings'>, { project, name }: RoutineKey): Promise<number> => {
  const now = deps.clock.now().getTime();
  const { lookBackSeconds, lostAfterSeconds } = deps.timings;
  const bounds = { since: new Date(now - lookBackSeconds * 1000), until: new Date(now - lostAfterSeconds * 1000) };
  let lost = 0;
  for (const stored of await deps.runs.listUnended(project, name, bounds)) {
    const { run } = stored;
    const restingSince = lastSignOfLife(run);
    if (restingSince > bounds.until || (await isWaitingItsTurn(deps, stored))) continue;
    if (!(await endRun(deps, stored, lostRun(run, restingSince, deps.clock.now())))) continue;
    lost += 1;
    const { phase } = run.state;
    deps.log.warn('Run lost', { project, routine: name, run: run.id, phase, since: restingSince.toISOString() });
  }
  return lost;
};

/** A slot that was caught up on after a day may be waiting for another run to end: its time is old, and it is not. */
const isWaitingItsTurn = async ({ runs, clock }: Uses<'runs' | 'clock'>, { run }: StoredRun): Promise<boolean> => {
  if (run.exclusive === undefined) return false;
  const { active, waiting } = await runs.readHold(run.project, run.routine);
  return waiting === run.id && active !== undefined && active.until > clock.now();
};

const lostRun = (run: Run, since: Date, endedAt: Date): Run => {
  const message = `The run was ${run.state.phase}, and nothing has happened to it since ${since.toISOString()}.`;
  return { ...run, state: { phase: 'failed', endedAt, error: { type: 'lost', message } } };
};
