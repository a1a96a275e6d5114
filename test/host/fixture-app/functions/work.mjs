import { app } from '@azure/functions';
import { QueueClient } from '@azure/storage-queue';
import { gate, record } from './seen.mjs';

const queueName = process.env.FIXTURE_QUEUE ?? 'host-fixture-unused';

/** Takes its own message away for that long, as a handler does that puts back its work. */
const putBack = async ({ messageId, receipt }, seconds) => {
  const queue = new QueueClient(process.env.AzureWebJobsStorage, queueName);
  await queue.updateMessage(messageId, receipt, undefined, seconds);
};

const behaviours = {
  fail: () => {
    throw new Error('fixture refuses the message');
  },
  'fail twice': (_message, { dequeueCount }) => {
    if (dequeueCount < 3) throw new Error(`fixture refuses delivery ${dequeueCount}`);
  },
  wait: () => gate(),
  'wait a little': ({ milliseconds }) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  'put back': async (_message, { id, popReceipt, dequeueCount }) => {
    if (dequeueCount > 1) return;
    await putBack({ messageId: id, receipt: popReceipt }, 2);
    throw new Error('fixture has put the message back');
  },
};

app.storageQueue('work', {
  queueName: process.env.FIXTURE_QUEUE === undefined ? queueName : '%FIXTURE_QUEUE%',
  connection: 'AzureWebJobsStorage',
  handler: async (message, context) => {
    record({ event: 'start', message, metadata: context.triggerMetadata });
    await behaviours[message?.do]?.(message, context.triggerMetadata);
    record({ event: 'end', message });
  },
});
