type Words = readonly [string, ...string[]];

/** `a`, `a and b`, `a, b and c`. */
export const enumerate = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

/** Ascending numbers in words, neighbours as a range from three of them on: `Monday, Thursday to Saturday`. */
export const rangesInWords = (values: readonly number[], word: (value: number) => string): string =>
  enumerate(chainsOf(values, 1).flatMap((chain): Words => chainInWords(chain.map(word))));

/** Ascending numbers, also `0 to 56 (in steps of 7)` for five of them or more. */
export const numbersInWords = (values: readonly number[]): string => {
  const [first = 0, second = 0] = values;
  const step = second - first;
  const isSteps = values.length >= 5 && step > 1 && chainsOf(values, step).length === 1;
  return isSteps ? `${first} to ${values.at(-1)} (in steps of ${step})` : rangesInWords(values, String);
};

/** Cuts ascending numbers wherever the next one is not exactly one step further. */
export const chainsOf = (values: readonly number[], step: number): number[][] => {
  const chains: number[][] = [];
  for (const value of values) {
    const chain = chains.at(-1);
    if (chain !== undefined && chain.at(-1) === value - step) chain.push(value);
    else chains.push([value]);
  }
  return chains;
};

const chainInWords = (words: readonly string[]): Words => {
  const [first = '', ...more] = words;
  return more.length < 2 ? [first, ...more] : [`${first} to ${more.at(-1)}`];
};
