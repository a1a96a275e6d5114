/**
 * Whether a whole text fits a SQL pattern: `%` stands for any run of characters, `_` for exactly one. Never worse than
 * the product of the two lengths: only the last `%` is ever widened.
 */
export const likeMatches = (pattern: string, text: string): boolean => {
  let inPattern = 0;
  let inText = 0;
  let lastPercent = -1;
  let resumeAt = 0;
  while (inText < text.length) {
    const wanted = pattern[inPattern];
    if (wanted === '%') {
      lastPercent = inPattern++;
      resumeAt = inText;
    } else if (wanted === '_' || wanted === text[inText]) {
      inPattern++;
      inText++;
    } else if (lastPercent >= 0) {
      inPattern = lastPercent + 1;
      inText = ++resumeAt;
    } else {
      return false;
    }
  }
  while (pattern[inPattern] === '%') inPattern++;
  return inPattern === pattern.length;
};
