import { app, type InvocationContext, type Timer } from '@azure/functions';
import { withLogSink } from '../shared/log.ts';
import { services } from '../shared/services.ts';

const scan = (_timer: Timer, context: InvocationContext): Promise<void> =>
  withLogSink(context, () => services.service.startScan());

app.timer('scan', { schedule: '0 30 3 * * *', handler: scan });
