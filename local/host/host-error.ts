/** The host can't start or go on, for a reason that its operator can act on. The message is the whole story. */
export class HostError extends Error {
  override readonly name = 'HostError';
}
