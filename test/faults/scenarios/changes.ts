import { agentIdOf } from '../../../shared/domain/progress/run-facts.ts';
import type { RoutineDraft } from '../../../shared/domain/routine-draft.ts';
import { aDraft } from '../../app/world.ts';
import { triggerName } from '../../builders.ts';
import type { HostPart, Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { dueNow, hourlyAt, minutesFrom, project, struck } from './seeds.ts';

/** One slot within seconds, inside the horizon, and one far beyond it: a message at once and a due row. */
const aSoonAndLateDraft = (soonIn: string, minutesToLater: number, over: Partial<RoutineDraft> = {}): RoutineDraft => {
  const later = hourlyAt(minutesFrom(dueNow(), minutesToLater));
  if (later.type !== 'schedule') throw new Error('expected a schedule');
  const soon = { type: 'timer', at: soonIn } as const;
  return aDraft(soon, {
    triggers: [
      { name: triggerName('soon'), enabled: true, trigger: soon },
      { name: triggerName('later'), enabled: true, trigger: later },
    ],
    ...over,
  });
};

/** What stands there when the scenario begins. */
const stand = async (stage: Stage, draft: RoutineDraft): Promise<void> => {
  const { routine } = await stage.clean.service.putRoutine(project, struck, draft);
  stage.told.former.push(routine);
};

const put = async ({ app, told }: Stage, draft: RoutineDraft): Promise<void> => {
  const { routine } = await app.service.putRoutine(project, struck, draft);
  told.changed.push({ routine: struck, generation: routine.generation, answeredAt: new Date() });
};

const enable = async ({ app, told }: Stage, enabled: boolean): Promise<void> => {
  const { generation } = await app.service.setRoutineEnabled(project, struck, enabled);
  told.changed.push({ routine: struck, generation, answeredAt: new Date() });
};

const routineUrl = (url: string): string => `${url}/api/projects/${project}/routines/${struck}`;

/** Remembers the generation that was answered: the service says none, so the test counts. */
const callChange =
  (method: string, generation: number, { suffix = '', draft }: { suffix?: string; draft?: () => RoutineDraft } = {}) =>
  async ({ told }: Stage, url: string): Promise<void> => {
    const body = draft === undefined ? undefined : JSON.stringify(toWire(draft()));
    const response = await fetch(`${routineUrl(url)}${suffix}`, {
      method,
      body,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
    });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    told.changed.push({ routine: struck, generation, answeredAt: new Date() });
  };

const toWire = ({ enabled, triggers, action }: RoutineDraft) => ({
  enabled,
  triggers: Object.fromEntries(
    triggers.map(({ name, trigger }) => [
      name,
      trigger.type === 'schedule' ? { type: trigger.type, cron_expression: trigger.cronExpression } : trigger,
    ]),
  ),
  action: { type: action.type, agent_name: agentIdOf({ action }), input: action.input },
});

/** All of the change's own, and nothing of the delivery of its slot. */
const host = (call: HostPart['call']): HostPart => ({
  isOwn: ({ service, method, target }) =>
    service === 'table'
      ? /(routines|schedule)$/.test(target)
      : target.endsWith('-work') || (target.endsWith('-delivery') && method === 'POST'),
  call,
});

export const changeScenarios: readonly Scenario[] = [
  {
    title: 'create',
    host: host(callChange('PUT', 1, { draft: () => aSoonAndLateDraft('2s', 30) })),
    prepare: async () => undefined,
    act: (stage) => put(stage, aSoonAndLateDraft('2s', 30)),
  },
  {
    title: 'update',
    host: host(callChange('PUT', 2, { draft: () => aSoonAndLateDraft('4s', 40) })),
    prepare: (stage) => stand(stage, aSoonAndLateDraft('3s', 30)),
    act: (stage) => put(stage, aSoonAndLateDraft('4s', 40)),
  },
  {
    title: 'disable',
    host: host(callChange('POST', 2, { suffix: ':disable' })),
    prepare: (stage) => stand(stage, aSoonAndLateDraft('3s', 30)),
    act: (stage) => enable(stage, false),
  },
  {
    title: 'delete',
    host: host(callChange('DELETE', 2)),
    prepare: (stage) => stand(stage, aSoonAndLateDraft('3s', 30)),
    act: async ({ app, told }) => {
      await app.service.deleteRoutine(project, struck);
      told.changed.push({ routine: struck, generation: 2, answeredAt: new Date() });
    },
  },
  {
    title: 'enable',
    host: host(callChange('POST', 2, { suffix: ':enable' })),
    prepare: (stage) => stand(stage, aSoonAndLateDraft('3s', 30, { enabled: false })),
    act: (stage) => enable(stage, true),
  },
];
