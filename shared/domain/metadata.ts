/** What users attach to a routine to find its runs by. Names and values are theirs. */
export type Metadata = Readonly<Record<string, string>>;

export const maxMetadataPairs = 16;
/** In UTF-16 code units. */
export const maxMetadataKeyLength = 64;
export const maxMetadataValueLength = 512;
/** Of all pairs as JSON text, so that they fit a table property. */
export const maxMetadataLength = 30_000;
