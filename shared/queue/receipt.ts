import { z } from 'zod';

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

/** Reads the metadata of a queue trigger. Throws when it is not the platform's. */
export const parseReceipt = (metadata: unknown): Receipt => {
  const { id, popReceipt, dequeueCount } = triggerMetadata.parse(metadata);
  return { messageId: id, popReceipt, dequeueCount };
};
