import { AsyncLocalStorage } from 'node:async_hooks';
import type { Log, LogFacts } from './app/ports/log.ts';

/** The part of a function's context that takes log lines and files them under its invocation. */
export interface LogSink {
  info(line: string): void;
  warn(line: string): void;
  error(line: string): void;
}

const current = new AsyncLocalStorage<LogSink>();

/** Everything logged inside goes to this sink, in asynchronous work too. */
export const withLogSink = <Result>(sink: LogSink, work: () => Result): Result => current.run(sink, work);

/** Logs to the invocation under way; outside of one to `fallback`. */
export const createLog = (fallback: LogSink): Log => {
  const sink = () => current.getStore() ?? fallback;
  return {
    info: (message, facts) => sink().info(toLine(message, facts)),
    warn: (message, facts) => sink().warn(toLine(message, facts)),
    error: (message, facts, cause) => sink().error(toLine(message, facts) + toStack(cause)),
  };
};

const toLine = (message: string, facts: LogFacts = {}): string => {
  const told = Object.entries(facts).filter(([, value]) => value !== undefined);
  return [message, ...told.map(([name, value]) => `${name}=${toText(value)}`)].join(' ');
};

/** Quoted when it would not read as one word; line breaks never reach the log. */
const toText = (value: LogFacts[string]): string => {
  const text = String(value);
  return /^[\w.:+/-]+$/.test(text) ? text : JSON.stringify(text);
};

const toStack = (cause: unknown): string => {
  if (cause === undefined) return '';
  return `\n${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`;
};
