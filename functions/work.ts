import { app, type InvocationContext } from '@azure/functions';
import { withLogSink } from '../shared/log.ts';
import { parseWorkMessage } from '../shared/queue/messages.ts';
import { services } from '../shared/services.ts';

const work = (body: unknown, context: InvocationContext): Promise<void> =>
  withLogSink(context, () => services.reconcile(parseWorkMessage(body)));

app.storageQueue('work', {
  queueName: services.queueNames.work,
  connection: 'AzureWebJobsStorage',
  handler: work,
});
