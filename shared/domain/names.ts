declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** The tenant boundary: every key, query and token check is scoped by it. */
export type ProjectName = Branded<'ProjectName'>;
export type RoutineName = Branded<'RoutineName'>;
export type TriggerName = Branded<'TriggerName'>;

/** A UUID (version 8), lower case with dashes. See run-id.ts. */
export type RunId = Branded<'RunId'>;

export const maxProjectNameLength = 64;
export const maxRoutineNameLength = 128;
export const maxTriggerNameLength = 128;

const namePattern = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;
export const nameRule = 'letters, digits, ".", "_" and "-", beginning and ending with a letter or digit';

const isName = (text: string, maxLength: number): boolean => text.length <= maxLength && namePattern.test(text);

export const isProjectName = (text: string): text is ProjectName => isName(text, maxProjectNameLength);
export const isRoutineName = (text: string): text is RoutineName => isName(text, maxRoutineNameLength);
export const isTriggerName = (text: string): text is TriggerName => isName(text, maxTriggerNameLength);
