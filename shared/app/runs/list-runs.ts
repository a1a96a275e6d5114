import type { ProjectName, RoutineName } from '../../domain/names.ts';
import type { Run } from '../../domain/run.ts';
import { matchesRun, type RunFilter, runFilterBounds } from '../../domain/run-filter/run-filter.ts';
import type { Page, PageRequest } from '../ports/page.ts';
import type { RunStore } from '../ports/run-store.ts';
import { routineNotFound } from '../routines/find-routine.ts';
import type { Uses } from '../uses.ts';

export interface RunListRequest extends PageRequest {
  readonly project: ProjectName;
  readonly routine: RoutineName;
  readonly filter?: RunFilter;
}

/** A filtered page reads at most this many runs; it may be short, or empty, and still have a next one. */
const maxRead = 1000;

/** The history of a routine, deleted ones included. Throws NotFoundError when there never was such a routine. */
export const listRuns = async (deps: Uses<'routines' | 'runs'>, request: RunListRequest): Promise<Page<Run>> => {
  const page = await readPage(deps.runs, request);
  if (page.items.length === 0 && (await deps.routines.get(request.project, request.routine)) === null) {
    const any = await deps.runs.list(request.project, request.routine, { order: 'desc', limit: 1 });
    if (any.items.length === 0) throw routineNotFound(request.project, request.routine);
  }
  return page;
};

const readPage = async (runs: RunStore, request: RunListRequest): Promise<Page<Run>> => {
  const { project, routine, order, limit, filter } = request;
  if (filter === undefined) return runs.list(project, routine, { order, limit, after: request.after });
  const bounds = runFilterBounds(filter);
  const items: Run[] = [];
  let after = request.after;
  for (let read = 0; read < maxRead; ) {
    const page = await runs.list(project, routine, { order, limit: Math.min(maxRead - read, 200), after, ...bounds });
    for (const [index, run] of page.items.entries()) {
      if (!matchesRun(filter, run)) continue;
      items.push(run);
      const isLast = index === page.items.length - 1 && page.next === undefined;
      if (items.length === limit) return isLast ? { items } : { items, next: run.id };
    }
    if (page.next === undefined) return { items };
    read += page.items.length;
    after = page.next;
  }
  return after === undefined ? { items } : { items, next: after };
};
