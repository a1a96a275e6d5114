import type { TokenUsage } from '../../domain/run.ts';
import type { PendingRequest } from './pending-requests.ts';

/** What an answer says, or a stream of events does. */
export interface Said {
  /** Empty when the agent said nothing. */
  readonly text: string;
  readonly isCut?: boolean;
  /** What the agent waits for. */
  readonly pending?: PendingRequest | undefined;
  readonly usage?: TokenUsage | undefined;
  /** Why there is no text; counts when there is none. */
  readonly silence?: string;
}
