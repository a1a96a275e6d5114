import * as z from 'zod';
import { InvalidMessageError } from './messages.ts';

const triggerMetadata = z.object({
  id: z.string().min(1),
  popReceipt: z.string().min(1),
  dequeueCount: z.coerce.number().int().positive(),
});

/** How a message was received: which one, under which pop receipt, and for the how-manieth time. */
export interface Receipt {
  readonly messageId: string;
  readonly popReceipt: string;
  readonly dequeueCount: number;
}

/** Reads the metadata of a queue trigger. Throws InvalidMessageError when fields of the message hide it. */
export const parseReceipt = (metadata: unknown): Receipt => {
  const parsed = triggerMetadata.safeParse(metadata);
  if (!parsed.success) {
    const fields = parsed.error.issues.map(({ path }) => path.join('.')).join(', ');
    throw new InvalidMessageError(`Trigger metadata cannot be read: ${fields}; a field of that name in the message?`);
  }
  const { id, popReceipt, dequeueCount } = parsed.data;
  return { messageId: id, popReceipt, dequeueCount };
};
