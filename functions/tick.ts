import { app, type InvocationContext, type Timer } from '@azure/functions';
import { withLogSink } from '../shared/log.ts';
import { services } from '../shared/services.ts';

const tick = async (_timer: Timer, context: InvocationContext): Promise<void> => {
  await withLogSink(context, () => services.service.tick());
};

app.timer('tick', { schedule: '0 * * * * *', handler: tick });
