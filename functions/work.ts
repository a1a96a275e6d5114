import { app, type InvocationContext } from '@azure/functions';
import { withLogSink } from '../shared/log.ts';
import { parseWorkMessage } from '../shared/queue/messages.ts';
import { type Services, services } from '../shared/services.ts';

export const workWith =
  (services: Services) =>
  (body: unknown, context: InvocationContext): Promise<void> =>
    withLogSink(context, () => services.doWork(parseWorkMessage(body)));

app.storageQueue('work', {
  queueName: services.queueNames.work,
  connection: 'AzureWebJobsStorage',
  handler: workWith(services),
});
