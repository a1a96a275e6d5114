import { type HostLog, logLevels } from './worker-protocol.ts';

/** `none` silences a category. */
export const logThresholds = [...logLevels, 'none'] as const;
export type LogThreshold = (typeof logThresholds)[number];

/**
 * Passes on the lines that `logging.logLevel` of host.json asks for, as the platform does: of the names that a category
 * begins with, in any case, the longest one decides, and `default` where there is none. Information without a setting.
 * Source: LoggerRuleSelector of .NET, whose wildcard (`Function.*.User`) it knows too.
 */
export const filterLog = (levels: Readonly<Record<string, LogThreshold>>, log: HostLog): HostLog => {
  const rules = Object.entries(levels)
    .map(([name, threshold]) => ({ matches: matcherOf(name), length: lengthOf(name), threshold }))
    .sort((one, other) => other.length - one.length);
  const thresholds = new Map<string, number>();
  const thresholdOf = (category: string): number => {
    const known = thresholds.get(category);
    if (known !== undefined) return known;
    const threshold = rules.find(({ matches }) => matches(category.toLowerCase()))?.threshold ?? 'information';
    const found = logThresholds.indexOf(threshold);
    thresholds.set(category, found);
    return found;
  };
  return (line) => {
    if (logLevels.indexOf(line.level) >= thresholdOf(line.category)) log(line);
  };
};

const isDefault = (name: string): boolean => name.toLowerCase() === 'default';

const lengthOf = (name: string): number => (isDefault(name) ? 0 : name.length);

const matcherOf = (name: string): ((category: string) => boolean) => {
  if (isDefault(name)) return () => true;
  const [prefix = '', suffix = ''] = name.toLowerCase().split('*');
  return (category) => category.startsWith(prefix) && category.endsWith(suffix);
};
