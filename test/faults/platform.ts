import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { InvocationContext } from '@azure/functions';
import { QueueServiceClient } from '@azure/storage-queue';
import { z } from 'zod';
import { deliverWith } from '../../functions/deliver.ts';
import { deliverPoisonWith } from '../../functions/deliver-poison.ts';
import { workWith } from '../../functions/work.ts';
import { workPoisonWith } from '../../functions/work-poison.ts';
import { readHostSettings } from '../../local/host/host-settings.ts';
import type { Invoke } from '../../local/host/invoker.ts';
import { startQueueListener } from '../../local/host/queue-listener.ts';
import type { QueueFunction } from '../../local/host/registered-function.ts';
import type { TypedData } from '../../local/host/worker-protocol.ts';
import type { LogSink } from '../../shared/log.ts';
import type { Services } from '../../shared/services.ts';
import { root } from './root.ts';

export interface Platform {
  /** Resolves shortly after the next message was handled, or after so many milliseconds. */
  nextHandled(milliseconds: number): Promise<void>;
  /** Fetches nothing more; resolves when what was fetched is settled. */
  stop(): Promise<void>;
}

/** The queues, or what was given up on them. */
export type PlatformPart = 'main' | 'poison';

export interface PlatformOptions {
  readonly part: PlatformPart;
  readonly services: Services;
  readonly connectionString: string;
  readonly log: LogSink;
}

/** Longer than a handler takes when nothing lasts: the renewal of a lock is a request at a time of its own. */
const lockSeconds = 6;
/** Of host.json, shortened as DELAY_SCALE shortens the app's own waits. */
const settings = {
  ...readHostSettings(root).queues,
  visibilityTimeoutSeconds: 3,
  maxPollingIntervalMilliseconds: 1_000,
};
const retryOptions = { maxTries: 3, retryDelayInMs: 300, maxRetryDelayInMs: 2_000, tryTimeoutInMs: 30_000 };

const settleMilliseconds = 30;

type Handler = (body: unknown, context: InvocationContext) => Promise<void>;

/** Runs the app's queue functions in this process, upon the local host's own listener. */
export const startPlatform = ({ services, connectionString, log, part }: PlatformOptions): Platform => {
  const service = QueueServiceClient.fromConnectionString(connectionString, { retryOptions });
  const handled = new EventEmitter();
  const listeners = handlersOf(services, part).map(([queueName, handler]) =>
    startQueueListener({
      called: queueFunction(queueName),
      service,
      settings,
      lockSeconds,
      invoke: invokeWith(handler, { log, handled }),
      log: ({ message }) => log.info(message),
    }),
  );
  return {
    nextHandled: async (milliseconds) => {
      const signal = AbortSignal.timeout(milliseconds);
      // The platform deletes the message, or lets it go, after its function has ended.
      await once(handled, 'handled', { signal }).then(
        () => pause(settleMilliseconds),
        () => undefined,
      );
    },
    stop: async () => void (await Promise.all(listeners.map((listener) => listener.stop()))),
  };
};

const handlersOf = (services: Services, part: PlatformPart): readonly (readonly [string, Handler])[] => {
  const { delivery, work, deliveryPoison, workPoison } = services.queueNames;
  return part === 'main'
    ? [
        [delivery, deliverWith(services)],
        [work, workWith(services)],
      ]
    : [
        [deliveryPoison, deliverPoisonWith(services)],
        [workPoison, workPoisonWith(services)],
      ];
};

/** The listener asks it for its queue only. */
const queueFunction = (queueName: string): QueueFunction => ({
  name: queueName,
  kind: 'queue',
  queueName,
  bindingName: 'message',
});

interface Watch {
  readonly log: LogSink;
  readonly handled: EventEmitter;
}

const invokeWith =
  (handler: Handler, { log, handled }: Watch): Invoke =>
  async (_called, data, metadata) => {
    try {
      await handler(bodyOf(data), contextOf(metadata, log));
      return { kind: 'succeeded', response: {} };
    } catch (error) {
      log.warn(`Handler failed: ${error}`);
      return { kind: 'failed', error };
    } finally {
      handled.emit('handled');
    }
  };

const bodyOf = (data: TypedData): unknown => {
  const text = 'string' in data ? data.string : '';
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const jsonNumber = z.object({ json: z.string().transform(Number) });
const plainText = z.object({ string: z.string() });
const receipt = z.object({ Id: plainText, PopReceipt: plainText, DequeueCount: jsonNumber });

/** Of the platform's context the handlers use these parts. */
const contextOf = (metadata: Readonly<Record<string, TypedData>>, log: LogSink): InvocationContext => {
  const { Id, PopReceipt, DequeueCount } = receipt.parse(metadata);
  const triggerMetadata = { id: Id.string, popReceipt: PopReceipt.string, dequeueCount: DequeueCount.json };
  return { ...log, invocationId: randomUUID(), triggerMetadata } as unknown as InvocationContext;
};
