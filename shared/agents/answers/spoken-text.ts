/**
 * The marks by which models refer to their sources: `【4:0†source】` of file search and of the classic agents, the same
 * in other brackets, the private code points around `cite` and `filecite`, `[doc1]` of answers on data of one's own. What they refer to stands in annotations,
 * which a run does not keep. Brackets without a dagger are text.
 */
const mark = new RegExp(
  [
    /[【〖][^【】〖〗\n]{0,200}†[^【】〖〗\n]{0,200}[】〗]/,
    /【(?:\d+:\d+|oaicite:\d+)】/,
    /\[\d{1,4}(?::\d{1,4})?†[^[\]\n]{0,200}\]/,
    /\ue200[^\ue200\ue201]{0,400}\ue201/,
    /:contentReference\[oaicite:\d{1,6}\]\{[^{}\n]{0,100}\}/,
    /\[doc\d{1,3}\]/,
    /\[\^\d{1,3}\^\]/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
);
/** What a limit of length leaves of a mark at the end. */
const cutMark = /(?:[【〖]\d[^【】〖〗\n]{0,200}|\ue200[^\ue200\ue201]{0,400})$/;

/** What models that think aloud write before their answer, where the server does not keep it apart. */
const thoughts = /^\s*<(think|thinking)>[\s\S]*?<\/\1>\s*/;

/**
 * The text without its citation marks, and without the thoughts before it. Of a text that was cut also without the
 * beginning of a mark at its end.
 */
export const toSpoken = (text: string, isCut = false): string => {
  const unmarked = text.replace(thoughts, '').replace(mark, '');
  return isCut ? unmarked.replace(cutMark, '') : unmarked;
};
