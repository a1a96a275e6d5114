import { refusalOf } from '../storage-call.ts';

/** The message was deleted, or another instance has received it since: the pop receipt names it no longer. */
export const isMessageGone = (error: unknown): boolean => {
  const refusal = refusalOf(error);
  return refusal?.status === 404 || refusal?.code === 'PopReceiptMismatch';
};
