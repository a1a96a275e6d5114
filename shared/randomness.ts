import { randomBytes } from 'node:crypto';

/** The only source of random values. */
export interface Randomness {
  /** That many random bytes as lower-case hex. */
  hex(bytes: number): string;
  /** A number from 0 up to, not including, 1. */
  fraction(): number;
}

export const systemRandomness: Randomness = {
  hex: (bytes) => randomBytes(bytes).toString('hex'),
  fraction: () => randomBytes(4).readUInt32BE() / 2 ** 32,
};
