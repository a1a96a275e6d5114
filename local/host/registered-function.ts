import { z } from 'zod';
import { HostError } from './host-error.ts';
import { parseNcrontab, type Schedule } from './ncrontab.ts';
import { parseRouteTemplate, type RouteTemplate } from './route-template.ts';
import type { Binding, FunctionMetadata } from './worker-protocol.ts';

/** What a caller may know about a function of the app. */
export type RegisteredFunction =
  | { readonly name: string; readonly kind: 'http'; readonly route: string; readonly methods: readonly string[] }
  | { readonly name: string; readonly kind: 'queue'; readonly queueName: string }
  | { readonly name: string; readonly kind: 'timer'; readonly schedule: string };

interface Bound {
  /** Under which the trigger's value reaches the function. */
  readonly bindingName: string;
}

export type HttpFunction = Extract<RegisteredFunction, { kind: 'http' }> & Bound & { readonly template: RouteTemplate };
export type QueueFunction = Extract<RegisteredFunction, { kind: 'queue' }> & Bound;
export type TimerFunction = Extract<RegisteredFunction, { kind: 'timer' }> &
  Bound & { readonly occurrences: Schedule; readonly runOnStartup: boolean; readonly useMonitor: boolean };

export type AppFunction = HttpFunction | QueueFunction | TimerFunction;

const triggerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('httpTrigger'), methods: z.array(z.string()), route: z.string().optional() }),
  z.object({ type: z.literal('queueTrigger'), queueName: z.string() }),
  z.object({
    type: z.literal('timerTrigger'),
    schedule: z.string(),
    runOnStartup: z.boolean().default(false),
    useMonitor: z.boolean().default(true),
  }),
]);

/**
 * What the app registered, as this host runs it: in order of the names, which is the order in which routes are tried.
 * `%NAME%` in a queue name or a schedule stands for that setting of the environment.
 * Throws a `HostError` for anything that this host can't run: better no start than a function that is silent.
 */
export const describeFunctions = (
  functions: Iterable<FunctionMetadata>,
  routePrefix: string,
  environment: Readonly<Record<string, string | undefined>>,
): AppFunction[] =>
  [...functions]
    .map((metadata) => describeFunction(metadata, routePrefix, environment))
    .sort((one, other) => compareOrdinalIgnoringCase(one.name, other.name));

const describeFunction = (
  metadata: FunctionMetadata,
  routePrefix: string,
  environment: Readonly<Record<string, string | undefined>>,
): AppFunction => {
  const { name } = metadata;
  const [bindingName, binding] = findTrigger(metadata);
  const parsed = triggerSchema.safeParse(binding);
  if (!parsed.success) {
    throw new HostError(`Function "${name}": its ${binding.type} can't run here. ${z.prettifyError(parsed.error)}`);
  }
  const trigger = parsed.data;
  const common = { name, bindingName };
  switch (trigger.type) {
    case 'httpTrigger': {
      const route = trigger.route ?? name;
      const template = parseHttpRoute(name, route, routePrefix);
      return {
        ...common,
        kind: 'http',
        route,
        template,
        methods: trigger.methods.map((method) => method.toUpperCase()),
      };
    }
    case 'queueTrigger':
      return { ...common, kind: 'queue', queueName: resolveSettings(name, trigger.queueName, environment) };
    case 'timerTrigger': {
      const schedule = resolveSettings(name, trigger.schedule, environment);
      const { runOnStartup, useMonitor } = trigger;
      return {
        ...common,
        kind: 'timer',
        schedule,
        occurrences: parseTimerSchedule(name, schedule),
        runOnStartup,
        useMonitor,
      };
    }
    default:
      return trigger satisfies never;
  }
};

const findTrigger = ({ name, bindings, retryOptions }: FunctionMetadata): readonly [string, Binding] => {
  const entries = Object.entries(bindings);
  const trigger = entries.find(([, binding]) => /trigger$/i.test(binding.type));
  if (trigger === undefined) throw new HostError(`Function "${name}" has no trigger, expected one`);
  const other = entries.find((entry) => entry !== trigger && entry[1].type !== 'http');
  if (other !== undefined) {
    throw new HostError(`Function "${name}": binding ${other[1].type} (${other[1].direction}) can't run here`);
  }
  if (retryOptions !== undefined && retryOptions !== null) {
    throw new HostError(`Function "${name}": a retry policy can't run here`);
  }
  return trigger;
};

const parseHttpRoute = (name: string, route: string, routePrefix: string): RouteTemplate => {
  if (/^\/*(admin|runtime)/i.test(route)) {
    throw new HostError(`Function "${name}": route "${route}" starts with admin or runtime, which the platform keeps`);
  }
  try {
    return parseRouteTemplate(routePrefix === '' ? route : `${routePrefix}/${route}`);
  } catch (cause) {
    throw new HostError(`Function "${name}": ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
};

const parseTimerSchedule = (name: string, schedule: string): Schedule => {
  try {
    return parseNcrontab(schedule);
  } catch (cause) {
    throw new HostError(`Function "${name}": ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
};

const resolveSettings = (
  name: string,
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): string =>
  text.replace(/%([^%]+)%/g, (reference, setting: string) => {
    const value = environment[setting];
    if (value === undefined) throw new HostError(`Function "${name}": setting ${reference} has no value`);
    return value;
  });

const compareOrdinalIgnoringCase = (one: string, other: string): number => {
  const [left, right] = [one.toUpperCase(), other.toUpperCase()];
  if (left === right) return 0;
  return left < right ? -1 : 1;
};
