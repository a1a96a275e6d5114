import type { RunListRequest } from '../shared/app/runs/list-runs.ts';
import type { EveryField } from '../shared/domain/every-field.ts';
import { parseRunFilter } from '../shared/domain/run-filter/run-filter-parser.ts';
import type { Handle } from '../shared/http/endpoint.ts';
import { pageView, parsePageRequest } from '../shared/http/paging.ts';
import { registerEndpoint } from '../shared/http/register.ts';
import { ok } from '../shared/http/reply.ts';
import { toKnownRoutineName } from '../shared/http/routine-name.ts';
import { runView } from '../shared/http/run-view.ts';
import { services } from '../shared/services.ts';

export const listRuns: Handle = async ({ request, project, dialect }, { config, service }) => {
  const routine = toKnownRoutineName(request.params.name ?? '');
  const wanted = parsePageRequest(request.query, 'runs');
  const filterText = request.query.get('filter');
  const filter = filterText === null ? undefined : parseRunFilter(filterText);
  const list: EveryField<RunListRequest> = { project, routine, filter, ...wanted };
  const page = await service.listRuns(list);
  const context = { kind: 'runs', order: wanted.order, request, dialect, config: config.http } as const;
  return ok(pageView(page, (run) => runView(run, dialect), context));
};

registerEndpoint('runs-list', listRuns, services);
