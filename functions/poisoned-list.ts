import type { HandleService } from '../shared/http/endpoint.ts';
import { poisonedView } from '../shared/http/poisoned-view.ts';
import { registerServiceEndpoint } from '../shared/http/register.ts';
import { ok } from '../shared/http/reply.ts';
import { services } from '../shared/services.ts';

/** One replay takes as many. */
const limit = 100;

export const listPoisoned: HandleService = async ({ dialect }, { service }) => {
  const messages = await service.listPoisoned(limit);
  return ok({ data: messages.map((message) => poisonedView(message, dialect)) });
};

registerServiceEndpoint('poisoned-list', listPoisoned, services);
