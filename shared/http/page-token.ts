import type { ListOrder } from '../app/ports/page.ts';

export type ListKind = 'routines' | 'runs';

const version = '1';
const position = /^[\w.!-]{1,512}$/;

/** A position in a list as callers see it: opaque, and good for this list in this order only. */
export const toPageToken = (kind: ListKind, order: ListOrder, at: string): string =>
  Buffer.from(`${version}:${kind}:${order}:${at}`).toString('base64url');

/** The position that a token stands for; null for a token of another list or order. */
export const parsePageToken = (token: string, kind: ListKind, order: ListOrder): string | null => {
  const text = Buffer.from(token, 'base64url').toString();
  const prefix = `${version}:${kind}:${order}:`;
  const at = text.slice(prefix.length);
  return text.startsWith(prefix) && position.test(at) && toPageToken(kind, order, at) === token ? at : null;
};
