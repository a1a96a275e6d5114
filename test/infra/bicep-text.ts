import { readFileSync } from 'node:fs';

/** The part of Bicep that these tests read: enough to see what two files say of each other, not a parser. */
export const readText = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

export interface BicepParameter {
  readonly name: string;
  readonly isRequired: boolean;
}

export const parametersOf = (bicep: string): readonly BicepParameter[] =>
  [...bicep.matchAll(/^param (\w+) \w+( =)?/gm)].map(([, name = '', hasDefault]) => ({
    name,
    isRequired: hasDefault === undefined,
  }));

export interface ModuleCall {
  readonly path: string;
  readonly arguments: readonly string[];
}

export const moduleCallsOf = (bicep: string): readonly ModuleCall[] =>
  [...bicep.matchAll(/^module \w+ '([^']+)' = \{\n([\s\S]*?)^\}/gm)].map(([, path = '', body = '']) => ({
    path,
    arguments: [...blockAfter(body, 'params: {').matchAll(/^ {4}(\w+):/gm)].map(([, name = '']) => name),
  }));

/** The strings of `var name = [ … ]`, one to a line, with `${prefix}` filled in. */
export const stringsOf = (bicep: string, variable: string, prefix: string): readonly string[] => {
  const list = new RegExp(`^var ${variable} = \\[\\n([^\\]]*)\\]`, 'm').exec(bicep)?.[1];
  if (list === undefined) throw new Error(`there is no list ${variable}`);
  return [...list.matchAll(/'([^']+)'/g)].map(([, text = '']) => text.replace(/\$\{prefix\}/, prefix));
};

/** From the opening line to the line that closes its indentation. */
export const blockAfter = (text: string, opening: string): string => {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.trim() === opening);
  const indentation = /^ */.exec(lines[start] ?? '')?.[0] ?? '';
  const end = lines.findIndex((line, index) => index > start && line.startsWith(`${indentation}}`));
  if (start < 0 || end < 0) throw new Error(`there is no block ${opening}`);
  return lines.slice(start + 1, end).join('\n');
};
