const digits = 12;
const maxInstant = 2 ** (4 * digits) - 1;

/**
 * Milliseconds since 1970 as 12 hex digits: the texts sort as the instants do. An instant outside what 48 bits hold
 * (before 1970, or after the year 10889) becomes the nearest one inside, so that any instant can bound a range.
 */
export const hexOfInstant = (at: Date): string =>
  Math.min(Math.max(at.getTime(), 0), maxInstant).toString(16).padStart(digits, '0');

/** Each hex digit replaced by its complement: texts of one length sort the other way round. Its own inverse. */
export const invertHex = (hex: string): string =>
  hex.replace(/./g, (digit) => (15 - Number.parseInt(digit, 16)).toString(16));
