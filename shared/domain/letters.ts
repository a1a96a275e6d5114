/** The letters of a name alone: `InProgress`, `in-progress` and `IN_PROGRESS` are one. */
export const lettersOf = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, '');

/** As lettersOf, for names in which digits tell: codes, and the fields of a call. */
export const lettersAndDigitsOf = (name: string): string => name.toLowerCase().replace(/[^a-z\d]/g, '');
