import { app, type InvocationContext } from '@azure/functions';
import { withLogSink } from '../shared/log.ts';
import { type Services, services } from '../shared/services.ts';
import { parseWorkMessage } from '../shared/storage/queues/messages.ts';

export const workWith =
  ({ service }: Pick<Services, 'service'>) =>
  (body: unknown, context: InvocationContext): Promise<void> =>
    withLogSink(context, () => service.doWork(parseWorkMessage(body)));

app.storageQueue('work', {
  queueName: services.queueNames.work,
  connection: 'AzureWebJobsStorage',
  handler: workWith(services),
});
