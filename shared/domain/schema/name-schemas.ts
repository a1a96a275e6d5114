import * as z from 'zod';
import {
  isProjectName,
  isRoutineName,
  isTriggerName,
  type ProjectName,
  type RoutineName,
  type RunId,
  type TriggerName,
} from '../names.ts';
import { isRunId } from '../run-id.ts';

const named = <Name extends string>(is: (text: string) => text is Name, what: string) =>
  z.custom<Name>((value) => typeof value === 'string' && is(value), `expected a ${what}`);

export const projectName = named<ProjectName>(isProjectName, 'project name');
export const routineName = named<RoutineName>(isRoutineName, 'routine name');
export const triggerName = named<TriggerName>(isTriggerName, 'trigger name');
export const runId = named<RunId>(isRunId, 'run id');
