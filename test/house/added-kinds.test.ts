import { describe, expect, it, vi } from 'vitest';
import { threadsAction } from '../../shared/domain/kinds/threads-action.ts';
import { timerTrigger } from '../../shared/domain/kinds/timer-trigger.ts';
import { searchTimeout } from '../case-counts.ts';
import { type CompilerError, compileEdited, type Edit } from './compile-edited.ts';

// A compiler on a busy machine takes a multiple of its time.
vi.setConfig({ testTimeout: searchTimeout, hookTimeout: searchTimeout });

const filesIn = (errors: readonly CompilerError[]): readonly string[] =>
  [...new Set(errors.map(({ file }) => file))].sort();

/** The files of the product that the compiler names after these edits. */
const namedAfter = (...edits: readonly Edit[]): readonly string[] => filesIn(compileEdited(edits));

/** The same, and files of tests that say something of every operation and every port. */
const namedWithTests = (...edits: readonly Edit[]): readonly string[] =>
  filesIn(compileEdited(edits, ['functions', 'shared', 'test/functions', 'test/service-ports.ts']));

/** More would be a hunt. What takes its types from a table is named too, until the table is whole. */
const maxPlaces = 5;

const anAction: readonly Edit[] = [
  { file: 'shared/domain/action.ts', find: /export const actionTypes = \[/, put: "$&\n  'invoke_another_agent'," },
  {
    file: 'shared/domain/action.ts',
    find: /export type Action = /,
    put: "export interface AnotherAction extends ActionBase {\n  readonly type: 'invoke_another_agent';\n}\n\n$&AnotherAction | ",
  },
];

const aTrigger: readonly Edit[] = [
  { file: 'shared/domain/trigger.ts', find: /'github_issue', 'custom'\] as const/, put: "'tide', $&" },
  {
    file: 'shared/domain/trigger.ts',
    find: /export type Trigger = /,
    put: "export interface TideTrigger extends TriggerBase {\n  readonly type: 'tide';\n}\n\n$&TideTrigger | ",
  },
  {
    file: 'shared/domain/routine-draft.ts',
    find: /export type TriggerDraft = /,
    put: "$&{ readonly type: 'tide' } | ",
  },
];

describe('a kind that is only declared does not compile', () => {
  it('an action: it lacks a descriptor and a protocol', () => {
    const named = namedAfter(...anAction);
    expect(named).toEqual(
      expect.arrayContaining(['shared/agents/protocols.ts', 'shared/domain/kinds/action-kinds.ts']),
    );
    expect(named.length).toBeLessThanOrEqual(maxPlaces);
  });

  it('a trigger: it lacks a descriptor', () => {
    const named = namedAfter(...aTrigger);
    expect(named).toContain('shared/domain/kinds/trigger-kinds.ts');
    expect(named.length).toBeLessThanOrEqual(maxPlaces);
  });

  it('an action that is missing in the union of actions, or in the list of their types', () => {
    const [listed, declared] = anAction;
    expect(namedAfter(...(listed ? [listed] : []))).toContain('shared/domain/kinds/action-kinds.ts');
    expect(namedAfter(...(declared ? [declared] : []))).toContain('shared/domain/action.ts');
  });

  it('a trigger that is missing in the union of drafts', () => {
    expect(namedAfter(...aTrigger.slice(0, 2))).toContain('shared/domain/kinds/trigger-kinds.ts');
  });
});

/** One small program for each part of a descriptor: the whole descriptor without that part. */
const withoutEachPart = (kind: string, type: string, parts: readonly string[]): readonly Edit[] =>
  parts.map((part) => ({
    file: `shared/without-${part}.ts`,
    text: [
      `import { ${kind} } from './domain/kinds/${kind.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.ts';`,
      `import type { ActionKind } from './domain/kinds/action-kind.ts';`,
      `import type { TriggerKind } from './domain/kinds/trigger-kind.ts';`,
      `import type { ThreadsAction } from './domain/action.ts';`,
      `import type { TimerTrigger } from './domain/trigger.ts';`,
      `import type { TimerDraft } from './domain/routine-draft.ts';`,
      `export type Used = [ActionKind<ThreadsAction>, TriggerKind<TimerTrigger, TimerDraft>];`,
      `const { ${part}, ...rest } = ${kind};`,
      `export const left = ${part};`,
      `export const forgetful: ${type} = rest;`,
    ].join('\n'),
  }));

describe('a descriptor that lacks a part does not compile', () => {
  it.each([
    ['an action', 'threadsAction', 'ActionKind<ThreadsAction, typeof threadsAction.wire>', Object.keys(threadsAction)],
    [
      'a trigger',
      'timerTrigger',
      'TriggerKind<TimerTrigger, TimerDraft, typeof timerTrigger.wire>',
      Object.keys(timerTrigger),
    ],
  ])('of %s', (_what, kind, type, parts) => {
    const programs = withoutEachPart(kind, type, parts);
    expect(parts.length).toBeGreaterThan(5);
    expect(namedAfter(...programs)).toEqual(programs.map(({ file }) => file).sort());
  });
});

describe('an operation that lacks a part does not compile', () => {
  const routes = 'shared/http/routes.ts';
  const newRoute: Edit = {
    file: routes,
    find: /export const routes = \[/,
    put: "$&\n  { name: 'another-route', method: 'GET', template: 'projects/{project}/others', role: 'reader' },",
  };

  it('a row without a function: tests that go through all routes miss it', () => {
    expect(namedWithTests(newRoute)).toEqual(['test/functions/access.test.ts', 'test/functions/call.ts']);
  });

  it('a function without a row', () => {
    const withoutRow: Edit = { file: routes, find: /\{ name: 'routine-get', [^}]*\}\/[^}]*\}[^}]*\},/, put: '' };
    expect(namedWithTests(withoutRow)).toContain('functions/routine-get.ts');
  });

  it('an action without a handler, and a handler without an action', () => {
    const added: Edit = { file: routes, find: /actions: \{ cancel: 'operator',/, put: "$& pause: 'operator'," };
    const removed: Edit = { file: routes, find: /cancel: 'operator', /, put: '' };
    expect(namedAfter(added)).toEqual(['functions/run-action.ts']);
    expect(namedAfter(removed)).toEqual(['functions/run-action.ts']);
  });

  it('a use case that the service declares and does not have', () => {
    const declared: Edit = {
      file: 'shared/app/service.ts',
      find: /export interface Service \{/,
      put: '$&\n  readonly anotherUseCase: () => Promise<void>;',
    };
    expect(namedWithTests(declared)).toEqual(['shared/app/service.ts', 'test/functions/fake-services.ts']);
  });
});

describe('a table that lacks a part does not compile', () => {
  it('a store that no adapter provides', () => {
    const aPort: Edit = {
      file: 'shared/app/ports/service-ports.ts',
      find: /export interface ServicePorts \{/,
      put: '$&\n  readonly notes: { readonly write: (text: string) => Promise<void> };',
    };
    expect(namedWithTests(aPort)).toEqual(['shared/services.ts', 'test/service-ports.ts']);
  });

  it('a store whose table has no name', () => {
    const nameless: Edit = { file: 'shared/storage/storage-names.ts', find: / schedule: `[^`]*`,/, put: '' };
    expect(namedAfter(nameless)).toContain('shared/storage/tables/schedule-store.ts');
  });
});
