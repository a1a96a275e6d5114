/** What one of the sample agents does with a call, whatever the protocol it came by. */
export type AgentReply =
  | { readonly kind: 'said'; readonly text: string }
  /** 200 with a body that says that the agent failed. */
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'refused'; readonly status: number; readonly code: string; readonly message: string };
