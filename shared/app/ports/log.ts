/** One line for one event: a fixed sentence, then its facts. Never a secret, never an input or an answer. */
export interface Log {
  info(message: string, facts?: LogFacts): void;
  warn(message: string, facts?: LogFacts): void;
  /** `cause` is logged with its stack. */
  error(message: string, facts?: LogFacts, cause?: unknown): void;
}

export type LogFacts = Readonly<Record<string, string | number | boolean | undefined>>;
