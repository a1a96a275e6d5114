import type { NothingLeft } from '../shared/domain/every-field.ts';
import type { HandleService } from '../shared/http/endpoint.ts';
import { registerServiceEndpoint } from '../shared/http/register.ts';
import { ok } from '../shared/http/reply.ts';
import { services } from '../shared/services.ts';

/** The tick by hand, for when the platform's timer is dead. It may run beside another one. */
export const tickNow: HandleService = async (_call, { service }) => {
  const { fired, missed, failed, unusable, lagSeconds, durationMs, ...rest } = await service.tick();
  rest satisfies NothingLeft;
  return ok({ fired, missed, failed, broken: unusable, lag_seconds: lagSeconds, duration_ms: durationMs });
};

registerServiceEndpoint('tick-now', tickNow, services);
