import type { HandleService } from '../shared/http/endpoint.ts';
import { replayView } from '../shared/http/poisoned-view.ts';
import { registerServiceEndpoint } from '../shared/http/register.ts';
import { ok } from '../shared/http/reply.ts';
import { services } from '../shared/services.ts';

export const replayPoisoned: HandleService = async (_call, { service }) =>
  ok(replayView(await service.replayPoisoned()));

registerServiceEndpoint('poisoned-replay', replayPoisoned, services);
