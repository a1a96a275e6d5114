import type { Action } from '../shared/domain/action.ts';
import type { ProjectName, RoutineName, TriggerName } from '../shared/domain/names.ts';
import { isProjectName, isRoutineName, isTriggerName } from '../shared/domain/names.ts';
import type { Routine } from '../shared/domain/routine.ts';
import type { Run } from '../shared/domain/run.ts';
import { slotRunId } from '../shared/domain/run-id.ts';
import type { RoutineTrigger, ScheduleTrigger, TimerTrigger } from '../shared/domain/trigger.ts';

const checked =
  <Name extends string>(isName: (text: string) => text is Name & string) =>
  (text: string): Name & string => {
    if (!isName(text)) throw new Error(`"${text}" is no valid name for a test.`);
    return text;
  };

export const projectName: (text: string) => ProjectName = checked(isProjectName);
export const routineName: (text: string) => RoutineName = checked(isRoutineName);
export const triggerName: (text: string) => TriggerName = checked(isTriggerName);

export const at = (iso: string): Date => new Date(iso);

export const aSchedule = (cronExpression: string, timeZone = 'UTC'): ScheduleTrigger => ({
  type: 'schedule',
  cronExpression,
  timeZone,
});

export const aTimer = (iso: string): TimerTrigger => ({ type: 'timer', at: at(iso), timeZone: 'UTC' });

export const anAction = (over: Partial<Action> = {}): Action =>
  ({ type: 'invoke_agent_responses_api', agentName: 'echo-agent', input: 'hello', ...over }) as Action;

export const aTrigger = (over: Partial<RoutineTrigger> = {}): RoutineTrigger => ({
  name: triggerName('main'),
  trigger: aSchedule('*/5 * * * *'),
  enabled: true,
  plan: 1,
  since: at('2026-01-01T00:00:00Z'),
  ...over,
});

export const aRoutine = (over: Partial<Routine> = {}): Routine => ({
  project: projectName('demo'),
  name: routineName('daily'),
  enabled: true,
  triggers: [aTrigger()],
  action: anAction(),
  authorization: { identity: 'agent' },
  catchUp: { policy: 'skip_missed' },
  concurrencyPolicy: 'always_enqueue',
  createdAt: at('2026-01-01T00:00:00Z'),
  updatedAt: at('2026-01-01T00:00:00Z'),
  generation: 1,
  createdKey: '019b76a3b800aaaaaaaa',
  ...over,
});

export const aRun = (over: Partial<Run> = {}): Run => {
  const nominal = at('2026-01-01T00:05:00Z');
  const project = projectName('demo');
  const routine = routineName('daily');
  const trigger = triggerName('main');
  return {
    project,
    routine,
    id: slotRunId({ project, routine, trigger, nominal }),
    triggerType: 'schedule',
    triggerName: trigger,
    attemptSource: 'schedule_delivery',
    action: anAction(),
    triggeredAt: nominal,
    scheduledFireAt: nominal,
    triggerTimeZone: 'UTC',
    attempts: [],
    state: { phase: 'queued' },
    ...over,
  };
};
