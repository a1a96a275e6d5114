import { shortenAtWord } from './error-notes.ts';

/** Of a page no more than this is looked at: all that names it stands at its beginning. */
const maxLooked = 32 * 1024;
const maxTitleLength = 200;

const documentStart = /^\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--[^>]{0,500}-->\s*)*<(?:!doctype\s+html|html|head)\b/i;
const elementStart = /^\s*<(?:!--|[a-z][a-z0-9]*[\s/>])/i;

/** A whole page of HTML. */
export const isPage = (text: string): boolean => documentStart.test(beginningOf(text));

/**
 * What a page calls itself: its title, else its first heading, else its first text, of at most 200 characters. Undefined
 * of a text that is no HTML. `isMarkup`: its sender says that it is HTML, so that a piece of a page counts too.
 */
export const pageTitleOf = (text: string, isMarkup = false): string | undefined => {
  const beginning = beginningOf(text);
  if (!documentStart.test(beginning) && !(isMarkup && elementStart.test(beginning))) return undefined;
  const title = /<title[^>]{0,200}>([^<]{1,1000})/i.exec(beginning)?.[1];
  const heading = /<h[1-3][^>]{0,200}>(.{1,1000})/is.exec(beginning)?.[1];
  for (const candidate of [title, heading?.split(/<\/h[1-3]/i, 1)[0], beginning]) {
    const said = candidate === undefined ? '' : textOf(candidate);
    if (said !== '') return said;
  }
  return 'a page without text';
};

const signInWords =
  /\bsign(?:ing)?[\s_-]?(?:in|on)\b|\blog(?:ging)?[\s_-]?(?:in|on)\b|\bauthenticat(?:e|ing|ion (?:is )?(?:required|needed|failed))|\bauthoriz(?:e|ation required)\b|\bunauthori[sz]ed\b|\bsso\b|verify (?:that )?you|session (?:has )?(?:expired|timed out)|^redirecting|^working\.\.\.|captcha|^just a moment|^attention required|^access (?:is )?(?:denied|blocked)|anmeld(?:en|ung)|einlogg|connexion|se connecter|iniciar sesi|accedi\b|^entrar\b|ログイン|サインイン|登录|登錄/i;
/** Of what a page is that tells of sign-ins. */
const reportWords =
  /\b(?:reports?|statistics|summary|analysis|audit|history|attempts|digest|review|overview|results?|guide|how to)\b/i;
const signInMarkup =
  /<form\b|type\s*=\s*["']?password|http-equiv\s*=\s*["']?refresh|(?:window|document|top|self)\.location\b|location\.(?:href|replace|assign)|SAMLRe(?:quest|sponse)|login\.microsoftonline|login\.live\.com|b2clogin\.com|accounts\.google\.com|okta\.com|auth0\.com|cf-challenge|<frameset\b/i;

/**
 * A page that wants a person: to sign in, to be sent elsewhere, to prove to be one. Something before the agent has
 * answered in its place. A page that an agent wrote as its answer, a report for instance, has none of these. Of a piece
 * of a page (`isMarkup`: its sender calls it HTML) its first words have to say so.
 */
export const isSignInPage = (text: string, isMarkup = false): boolean => {
  const beginning = beginningOf(text);
  const title = pageTitleOf(beginning, isMarkup);
  if (title === undefined) return false;
  const says = signInWords.test(title) && !reportWords.test(title);
  if (documentStart.test(beginning)) return says || signInMarkup.test(beginning);
  return (says && title.length <= maxPlainTitle) || /type\s*=\s*["']?password/i.test(beginning);
};

const maxPlainTitle = 40;

const beginningOf = (text: string): string => text.slice(0, maxLooked).replace(/^\uFEFF/, '');

/** The text between the tags, in one pass: what is hidden in scripts, styles and comments is no text. */
const textOf = (markup: string): string => {
  const lower = markup.toLowerCase();
  let said = '';
  let at = 0;
  while (at < markup.length && said.length < maxTitleLength * 2) {
    const open = markup.indexOf('<', at);
    said += ` ${markup.slice(at, open === -1 ? markup.length : open)}`;
    if (open === -1) break;
    const hidden = /^<(script|style|template|svg)\b/.exec(lower.slice(open, open + 12))?.[1];
    const end = markup.startsWith('<!--', open) ? '-->' : hidden === undefined ? '>' : `</${hidden}`;
    const close = lower.indexOf(end, open);
    if (close === -1) break;
    at = close + end.length;
    if (hidden !== undefined) at = endOf(markup, at);
  }
  return shortenAtWord(decodeEntities(said).replace(/\s+/g, ' ').trim(), maxTitleLength);
};

const endOf = (markup: string, at: number): number => {
  const end = markup.indexOf('>', at);
  return end === -1 ? markup.length : end + 1;
};

const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  copy: '©',
  reg: '®',
  hellip: '…',
  mdash: '—',
  ndash: '–',
  middot: '·',
  bull: '•',
  laquo: '«',
  raquo: '»',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  auml: 'ä',
  ouml: 'ö',
  uuml: 'ü',
  szlig: 'ß',
  eacute: 'é',
  egrave: 'è',
  agrave: 'à',
};

const decodeEntities = (text: string): string =>
  text.replace(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,8}));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return named[name] ?? whole;
    const point = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return point === 0 || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)
      ? '\uFFFD'
      : String.fromCodePoint(point);
  });
