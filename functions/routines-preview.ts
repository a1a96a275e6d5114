import type { Handle } from '../shared/http/endpoint.ts';
import { readJsonBody } from '../shared/http/json-body.ts';
import { parsePreviewRequest } from '../shared/http/preview-schema.ts';
import { previewView } from '../shared/http/preview-view.ts';
import { registerEndpoint } from '../shared/http/register.ts';
import { ok } from '../shared/http/reply.ts';
import { services } from '../shared/services.ts';

/** Saves nothing: a POST only because triggers do not fit into a query. */
export const previewRoutines: Handle = async ({ request, dialect, now }, { config, service }) => {
  const { maxTriggers } = config.schedule;
  const wanted = parsePreviewRequest(await readJsonBody(request), { maxTriggers, now });
  return ok(previewView(service.previewTriggers(wanted), dialect));
};

registerEndpoint('routines-preview', previewRoutines, services);
