import type { RunPhase } from '../../shared/domain/run.ts';
import type { ProxiedRequest } from '../storage/storage-fault.ts';
import type { AgentMood } from './ring-agent.ts';
import type { Stage } from './stage.ts';

/** One thing the service does, played with every one of its storage requests struck in turn. */
export interface Scenario {
  readonly title: string;
  readonly agent?: AgentMood;
  /** By default more than a run needs, also where a call times out because the machine is busy. */
  readonly maxAttempts?: number;
  /** How its runs may end, whatever is struck; completed by default. */
  readonly ends?: readonly RunPhase[];
  /** No tick has been for longer than the grace: slots may be missed. */
  readonly standsStill?: boolean;
  /** Messages that are the only one of their slot count as delivered: what becomes of them is what others play. */
  readonly putsSinglesBy?: boolean;
  /** Puts everything into storage that stands there before, past the proxy. */
  prepare(stage: Stage): Promise<void>;
  /** How a host process plays it, to be killed in it; none: it is played in process only. */
  readonly host?: HostPart;
  /** The scenario itself: the requests it makes through the proxy are counted and struck. May throw. */
  act(stage: Stage): Promise<void>;
}

export interface HostPart {
  /** Whether a request is the scenario's: a host has other things to do, at times of its own. */
  isOwn(request: ProxiedRequest): boolean;
  /** The last request that is: what comes after it belongs to the next one. */
  isLast?(request: ProxiedRequest): boolean;
  /** Its tick is past due when it starts. Otherwise the tick has nothing to do. */
  readonly ticks?: boolean;
  /** Asks the host for it, and remembers what it answered. Throws when it does not answer. */
  call?(stage: Stage, url: string): Promise<void>;
}
