import { z } from 'zod';
import type { Invocation, Outcome } from './app-worker.ts';
import type { FunctionMetadata, HostLogLine } from './worker-protocol.ts';

/*
 * What host and worker process say to each other. Both are of one version, so their messages are told apart here and
 * not looked into. They travel by Node's channel as structured clones: bodies stay bytes.
 */

const toWorker = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('invoke'), invocation: z.custom<Invocation>() }),
  /** Run the end hooks, then end. */
  z.object({ kind: z.literal('end') }),
]);
export type MessageToWorker = z.infer<typeof toWorker>;

const toHost = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('loaded'), functions: z.custom<readonly FunctionMetadata[]>() }),
  /** The app is not fit to start; the message is the whole story. */
  z.object({ kind: z.literal('refused'), message: z.string() }),
  z.object({ kind: z.literal('log'), line: z.custom<HostLogLine>() }),
  z.object({ kind: z.literal('done'), id: z.string(), outcome: z.custom<Outcome>() }),
]);
export type MessageToHost = z.infer<typeof toHost>;

/** Undefined for what is none: the app may use the channel too, as one does that tells a process manager "ready". */
export const parseMessageToWorker = (message: unknown): MessageToWorker | undefined => toWorker.safeParse(message).data;
export const parseMessageToHost = (message: unknown): MessageToHost | undefined => toHost.safeParse(message).data;
