import { shardOf } from '../../../shared/storage/tables/schedule-row.ts';
import { aSchedule, routineName } from '../../builders.ts';
import type { HostPart, Scenario } from '../scenario.ts';
import { dueNow, minutesFrom, project, routineDueAt, seedRoutines, struck } from './seeds.ts';

/** Routines of one shard, so that their advance takes two transactions. */
const namesInOneShard = (count: number) => {
  const names = [struck];
  for (let index = 0; names.length < count; index += 1) {
    const name = routineName(`struck-${index}`);
    if (shardOf(project, name) === shardOf(project, struck)) names.push(name);
  }
  return names;
};

/** A message that was sent twice is delivered twice at once: long enough for the two to meet. */
const agent = { milliseconds: 150 };

const forty = namesInOneShard(40);

/** The deliveries begin in the same host while its tick goes on. */
const host: HostPart = {
  ticks: true,
  // The heartbeat. A minute later there may be another tick.
  isLast: ({ method, target }) => method === 'PUT' && target.endsWith('schedule'),
  isOwn: ({ method, target }) => target.endsWith('schedule') || (target.endsWith('-delivery') && method === 'POST'),
};

export const tickScenarios: readonly Scenario[] = [
  {
    title: 'tick with 1 due',
    agent,
    host,
    prepare: (stage) => seedRoutines(stage, [routineDueAt(dueNow())]),
    act: async ({ app }) => void (await app.service.tick()),
  },
  {
    title: 'tick with 40 due',
    agent,
    host,
    putsSinglesBy: true,
    prepare: (stage) =>
      seedRoutines(
        stage,
        forty.map((name) => routineDueAt(dueNow(), { name })),
      ),
    act: async ({ app }) => void (await app.service.tick()),
  },
];

export const outageScenarios: readonly Scenario[] = [
  {
    title: 'tick after an outage',
    standsStill: true,
    ends: ['completed', 'killed'],
    prepare: (stage) => {
      const slots = [-25, -20, -15].map((minutes) => minutesFrom(dueNow(), minutes));
      const [first = dueNow()] = slots;
      const trigger = aSchedule(`${slots.map((slot) => slot.getUTCMinutes()).join()} * * * *`);
      const routine = routineDueAt(first, { catchUp: { policy: 'enqueue_latest' } });
      const triggers = routine.triggers.map((named) => ({ ...named, trigger }));
      return seedRoutines(stage, [{ ...routine, triggers }]);
    },
    act: async ({ app }) => void (await app.service.tick()),
  },
];
