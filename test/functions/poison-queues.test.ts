import './environment.ts';
import functions from '@azure/functions';
import { describe, expect, it } from 'vitest';
import { deliverPoisonWith } from '../../functions/deliver-poison.ts';
import { workPoisonWith } from '../../functions/work-poison.ts';
import type { Service } from '../../shared/app/service.ts';
import { createServices } from '../../shared/services.ts';
import { PutBackNotice } from '../../shared/storage/queues/settle.ts';

const fire = { kind: 'fire', project: 'p', routine: 'r', trigger: 't', nominal: 1 };
const reconcile = { kind: 'reconcile', project: 'p', routine: 'r', generation: 1 };
const metadata = { id: 'message', popReceipt: 'receipt', dequeueCount: 2 };

/** Services that remember what they were asked, and whose queues cannot be reached. */
const aService = (end: Awaited<ReturnType<Service['deliverPoisoned']>>) => {
  const calls: unknown[][] = [];
  const { service, putBack } = createServices(process.env);
  const asked: Service = {
    ...service,
    deliverPoisoned: async (...input) => {
      calls.push(['deliverPoisoned', ...input]);
      return end;
    },
    doPoisonedWork: async (...input) => {
      calls.push(['doPoisonedWork', ...input]);
      return { kind: 'done', reason: 'worked' } as const;
    },
    keepPoisoned: async (...input) => {
      calls.push(['keepPoisoned', ...input]);
    },
  };
  return { services: { service: asked, putBack }, calls };
};

const aContext = (triggerMetadata: object) =>
  new functions.InvocationContext({
    invocationId: 'invocation',
    functionName: 'poison',
    logHandler: () => undefined,
    triggerMetadata: { ...triggerMetadata },
  });

const done = { kind: 'done', reason: 'poisoned' } as const;

describe('a message on a poison queue', () => {
  it('of ours is delivered, or its work done', async () => {
    const { services, calls } = aService(done);
    await deliverPoisonWith(services)(fire, aContext(metadata));
    await workPoisonWith(services)(JSON.stringify(reconcile), aContext(metadata));
    const delivery = { message: fire, dequeueCount: 2, owner: 'invocation', body: JSON.stringify(fire) };
    expect(calls).toEqual([
      ['deliverPoisoned', delivery],
      ['doPoisonedWork', { message: reconcile, dequeueCount: 2, body: JSON.stringify(reconcile) }],
    ]);
  });

  it.each([
    ['that is no JSON', 'hello', metadata, 'Queue message cannot be read'],
    ['of an unknown kind', { kind: 'nonsense' }, metadata, 'Queue message cannot be read: kind'],
    [
      'that hides how it was received',
      fire,
      { ...metadata, dequeueCount: 'many' },
      'Trigger metadata cannot be read: dequeueCount',
    ],
  ])('%s is kept as it is, with the reason, and not thrown back for ever', async (_what, body, received, reason) => {
    const { services, calls } = aService(done);
    await deliverPoisonWith(services)(body, aContext(received));
    await workPoisonWith(services)(body === fire ? reconcile : body, aContext(received));
    const text = (message: unknown) => (typeof message === 'string' ? message : JSON.stringify(message));
    expect(calls).toEqual([
      ['keepPoisoned', { queue: 'delivery', body: text(body), reason: expect.stringContaining(reason) }],
      [
        'keepPoisoned',
        { queue: 'work', body: text(body === fire ? reconcile : body), reason: expect.stringContaining(reason) },
      ],
    ]);
  });

  it('that is left locked fails its function, so that the platform keeps it', async () => {
    const { services } = aService({ kind: 'left_locked' });
    const delivery = deliverPoisonWith(services)(fire, aContext(metadata));
    await expect(delivery).rejects.toThrow(PutBackNotice);
    await expect(delivery).rejects.toThrow('comes again when the lock on it ends');
  });
});
