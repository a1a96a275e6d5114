/** What one of the sample agents does with a call, whatever the protocol it came by. */
export type AgentReply =
  | { readonly kind: 'said'; readonly text: string }
  /** It has finished, and says that it does not do that. */
  | { readonly kind: 'declined'; readonly text: string }
  /** It has finished for now: it goes on when a person has allowed the use of a tool. */
  | { readonly kind: 'asks'; readonly server: string; readonly tool: string }
  /** 200 with a body that says that the agent failed. */
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'refused'; readonly status: number; readonly code: string; readonly message: string };

/** What the API calls completed, whatever it is worth. */
export const isCompleted = ({ kind }: { readonly kind: string }): boolean =>
  kind === 'said' || kind === 'declined' || kind === 'asks';
