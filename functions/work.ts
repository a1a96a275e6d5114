import { app, type InvocationContext } from '@azure/functions';
import { withLogSink } from '../shared/log.ts';
import { type Services, services } from '../shared/services.ts';
import { parseWorkMessage } from '../shared/storage/queues/messages.ts';

export const workWith =
  (services: Services) =>
  (body: unknown, context: InvocationContext): Promise<void> =>
    withLogSink(context, () => services.doWork(parseWorkMessage(body)));

app.storageQueue('work', {
  queueName: services.queueNames.work,
  connection: 'AzureWebJobsStorage',
  handler: workWith(services),
});
