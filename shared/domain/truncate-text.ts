/** At most that many characters (UTF-16 code units); a surrogate pair at the end is kept whole or dropped. */
export const truncateText = (text: string, maxLength: number): string => {
  const wellFormed = text.toWellFormed();
  if (wellFormed.length <= maxLength) return wellFormed;
  const end = /[\uD800-\uDBFF]/.test(wellFormed.charAt(maxLength - 1)) ? maxLength - 1 : maxLength;
  return wellFormed.slice(0, end);
};
