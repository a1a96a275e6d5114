import type { HandleService } from '../shared/http/endpoint.ts';
import { poisonedView } from '../shared/http/poisoned-view.ts';
import { registerServiceEndpoint } from '../shared/http/register.ts';
import { ok } from '../shared/http/reply.ts';
import { services } from '../shared/services.ts';

export const discardPoisoned: HandleService = async ({ dialect }, { service }) => {
  const dropped = await service.discardPoisoned();
  return ok({ discarded: dropped.map((message) => poisonedView(message, dialect)) });
};

registerServiceEndpoint('poisoned-discard', discardPoisoned, services);
