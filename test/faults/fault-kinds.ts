import type { Fault, ProxiedRequest } from '../storage/storage-fault.ts';
import type { Interference } from '../storage/storage-proxy.ts';

/** `lasting`: every request from the n-th on, until the outage ends. The SDKs repeat some requests by themselves. */
export interface FaultKind {
  readonly name: string;
  readonly fault: Fault;
  readonly lasting: boolean;
}

const once = (fault: Fault): FaultKind => ({ name: fault, fault, lasting: false });
const lasting = (fault: Fault): FaultKind => ({ name: `${fault} for long`, fault, lasting: true });

export const faultKinds: readonly FaultKind[] = [
  once('refused'),
  lasting('refused'),
  once('lost_answer'),
  lasting('lost_answer'),
  once('busy'),
  lasting('busy'),
  once('precondition_failed'),
  once('committed_precondition_failed'),
  once('conflict'),
  once('committed_conflict'),
  once('throttled'),
  once('delayed'),
  once('cut_answer'),
];

/** The SDKs give up within two seconds; what a handler does then (it puts its message back) fails too. */
const outageMilliseconds = 3_500;

export interface Strike extends Interference {
  /** The scenario's requests so far. */
  readonly requests: readonly ProxiedRequest[];
  /** The request that was struck, once it was. */
  readonly struck: ProxiedRequest | undefined;
  /** The scenario has done its part: what follows passes. */
  end(): void;
}

/** A poll for messages, or a look at the queue service: the platform's, at times of its own. */
export const isPoll = ({ method, service }: ProxiedRequest): boolean => service === 'queue' && method === 'GET';

/** Strikes the n-th request of a scenario; null strikes none and counts them. */
export const strikeAt = (point: { readonly kind: FaultKind; readonly n: number } | null): Strike => {
  const requests: ProxiedRequest[] = [];
  let [isOver, outageEnds] = [false, 0];
  let struck: ProxiedRequest | undefined;
  const faultOf = (request: ProxiedRequest): Fault => {
    if (isOver) return 'none';
    if (point !== null && performance.now() < outageEnds) return point.kind.fault;
    if (isPoll(request)) return 'none';
    requests.push(request);
    if (point === null || requests.length !== point.n) return 'none';
    struck = request;
    if (point.kind.lasting) outageEnds = performance.now() + outageMilliseconds;
    return point.kind.fault;
  };
  return {
    faultOf,
    requests,
    get struck() {
      return struck;
    },
    end: () => {
      isOver = true;
    },
  };
};
