import { IANAZone } from 'luxon';
import { remember } from './bounded-cache.ts';
import { windowsZones } from './windows-zones.ts';

const ianaByWindowsId: ReadonlyMap<string, string> = new Map(
  [...windowsZones].map(([windowsId, zone]) => [windowsId.toLowerCase(), zone]),
);

/**
 * The three-letter names of the IANA database. The runtime knows more of them, ambiguous ones (BST is Bangladesh, IST
 * is India, AST is Alaska), and those are refused. It also takes offsets such as +05:30, which are no zones.
 */
const ianaAbbreviation = /^(CET|EET|EST|GMT|HST|MET|MST|PRC|ROC|ROK|UCT|UTC|WET)$/i;
const threeLetters = /^[a-z]{3}$/i;
const startsWithLetter = /^[a-z]/i;

/** No known id has half of it. */
const maxIdLength = 100;

/**
 * The IANA zone behind an id: an IANA name or link, or a Windows id (CLDR's table), in any case; null when it is
 * neither. The answer is in the runtime's own spelling, for calculation; what the user wrote is what is kept.
 */
export const resolveTimeZone = (id: string): string | null =>
  id.length > maxIdLength ? null : knownZones(id.toLowerCase());

const knownZones = remember((id: string): string | null => {
  const name = ianaByWindowsId.get(id) ?? id;
  if (!startsWithLetter.test(name)) return null;
  if (threeLetters.test(name) && !ianaAbbreviation.test(name)) return null;
  if (!IANAZone.isValidZone(name)) return null;
  return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone;
}, 1000);

/** Why an id was refused, with the closest known id when there is one that looks like it. */
export const unknownTimeZoneMessage = (id: string): string => {
  if (id.length > maxIdLength) return `Time zone has ${id.length} characters, expected at most ${maxIdLength}`;
  const similar = mostSimilarZone(id);
  const hint = similar === null ? '' : `; did you mean ${similar}?`;
  return `Time zone "${id}" is unknown, expected an IANA name such as Europe/Paris or a Windows id${hint}`;
};

const mostSimilarZone = (id: string): string | null => {
  const wanted = comparable(id);
  const candidates = [...Intl.supportedValuesOf('timeZone'), ...windowsZones.keys()];
  const city = candidates.find((name) => comparable(name.slice(name.lastIndexOf('/') + 1)) === wanted);
  if (city !== undefined) return city;
  const maxDistance = Math.floor(wanted.length / 4);
  let best: { readonly name: string; readonly distance: number } | null = null;
  for (const name of candidates) {
    if (Math.abs(name.length - wanted.length) > maxDistance) continue;
    const distance = editDistance(comparable(name), wanted);
    if (distance <= maxDistance && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { name, distance };
  }
  return best?.name ?? null;
};

const comparable = (id: string): string =>
  id
    .toLowerCase()
    .replaceAll(/[\s_]+/g, ' ')
    .trim();

/** Levenshtein's: how many letters to insert, remove or replace. */
const editDistance = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (const [column, otherLetter] of [...other].entries()) {
      const replaced = (row[column] ?? 0) + (letter === otherLetter ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
};
