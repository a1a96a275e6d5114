import type { Health } from '../app/operations/read-health.ts';
import type { Service } from '../app/service.ts';
import type { Reply } from './reply.ts';
import { type HttpFunction, type RespondServices, respond } from './respond.ts';

type HealthServices = RespondServices & { readonly service: Pick<Service, 'readHealth'> };

/** For load balancers and monitors: no authentication, no details, and only these two answers. */
export const healthEndpoint =
  (services: HealthServices): HttpFunction =>
  (request, context) =>
    respond({ request, context }, services, async (): Promise<Reply> => {
      const status = await healthOf(services);
      return { status: status === 'ok' ? 200 : 503, body: { status } };
    });

/** The service is degraded when its health cannot be read: storage may not answer. */
const healthOf = async ({ service, log }: HealthServices): Promise<Health> => {
  try {
    return await service.readHealth();
  } catch (error) {
    log.error('Health cannot be read', {}, error);
    return 'degraded';
  }
};
