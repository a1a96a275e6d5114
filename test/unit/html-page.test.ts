import { describe, expect, test } from 'vitest';
import { isSignInPage, pageTitleOf } from '../../shared/domain/progress/html-page.ts';

const titled = (title: string) =>
  `<!DOCTYPE html><html><head><title>${title}</title></head><body><p>x</p></body></html>`;

describe('a page that wants a person', () => {
  test.each([
    ['Entra', titled('Sign in to your account')],
    ['its wait', titled('Working...')],
    ['a redirect', titled('Redirecting')],
    ['Keycloak', titled('Sign in to contoso')],
    ['Google', titled('Sign in - Google Accounts')],
    ['a login', titled('Contoso &ndash; Login')],
    ['a log on', titled('Log on')],
    ['German', titled('Anmeldung')],
    ['Cloudflare', titled('Just a moment...')],
    ['a firewall', titled('Access Denied')],
    ['an expired session', titled('Your session has expired')],
    [
      'SAML, which sends itself',
      '<html><body onload="document.forms[0].submit()"><form method="POST"><input name="SAMLRequest"></form></body></html>',
    ],
    ['a script that goes elsewhere', '<html><script>window.location = "/oauth2/start?rd=%2F"</script></html>'],
    ['a refresh', '<HTML><META HTTP-EQUIV="Refresh" CONTENT="0;URL=/login"></HTML>'],
    ['a form', `\uFEFF<!-- proxy -->\n<html><body><form><input type=password></form></body></html>`],
    ['a heading', '<html><body><h1>Please log in</h1></body></html>'],
  ])('%s', (_what, page) => {
    expect(isSignInPage(page)).toBe(true);
  });
  test.each([
    ['a paragraph', '<p>Sign in</p>'],
    ['a field for a password', '<div><label>Code</label><input type="password"></div>'],
  ])('a piece of a page that its sender calls HTML: %s', (_what, page) => {
    expect(isSignInPage(page, true)).toBe(true);
    expect(isSignInPage(page)).toBe(false);
  });
});

describe('a page of an agent', () => {
  test.each([
    ['a report', titled('Weekly report')],
    ['a report of sign-ins', titled('Sign-in audit')],
    ['a summary of logins', titled('Login statistics for May')],
    ['a page with a link to a sign-in', '<html><title>News</title><a href="/login">Sign in</a></html>'],
    ['text', 'Please sign in at the front desk'],
    ['JSON', JSON.stringify({ output: titled('Sign in') })],
    ['a text about a page', `The page says ${titled('Sign in')}`],
    ['Markdown', '# Sign in\n<form>'],
  ])('is none that wants a person: %s', (_what, page) => {
    expect(isSignInPage(page, true)).toBe(false);
  });
  test('in pieces may tell of a sign-in at length', () => {
    expect(
      isSignInPage('<p>Kim asked how to sign in to the portal, and was told to use the new address.</p>', true),
    ).toBe(false);
  });
});

describe('the title of a page', () => {
  test.each<[string, boolean, string | undefined]>([
    ['<html><title>A &lt;b&gt; &#233; &#xE9; &nope; &#99999999;</title>', false, 'A <b> é é &nope; &#99999999;'],
    ['<html><title></title><h1>Heading</h1>', false, 'Heading'],
    ['<html><head><style>b{}</style></head><body><script>var a = "<b>"</script>Words <b>here</b>', false, 'Words here'],
    ['<html><title>&#0;&#xD800;</title>', false, '\uFFFD\uFFFD'],
    ['<h1>Oops</h1>', false, undefined],
    ['<h1>Oops</h1>', true, 'Oops'],
    ['a < b', true, undefined],
    [`<html><title>${'word '.repeat(100)}</title>`, false, expect.stringMatching(/^(?:word )+…$/)],
  ])('%s', (page, isMarkup, title) => {
    expect(pageTitleOf(page, isMarkup)).toEqual(title);
  });
});
