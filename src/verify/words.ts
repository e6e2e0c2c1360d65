/** Most bytes of a page whose words are compared. */
export const MOST_HTML_BYTES: number = 1024 * 1024;

/** What minifiers of HTML leave out, since browsers add it (HTML, 13.1.2.4), or since it says nothing. */
const OPTIONAL: ReadonlySet<string> = new Set(
  'doctype html head body p li dt dd rt rp optgroup option colgroup caption thead tbody tfoot tr td th type text javascript css language method get'.split(
    ' ',
  ),
);

const WORD = /[\p{L}\p{N}_-]+/gu;
/** Between these no e-mail address can stand. */
const APART = /[\s<>"'=;,()]+/;
const EMAIL = /^(?:mailto:)?[^/@]+@[^/@]+\.[^/@]+$/;

/**
 * The words of a page, its markup and its scripts, in lower case: names of assets are words, too. What rewriters change or drop is left out: comments,
 * entities, and e-mail addresses, which CDNs hide from robots.
 */
export function wordsOf(html: string): ReadonlySet<string> {
  const words = new Set<string>();
  for (const text of withoutComments(html).split(APART)) {
    if (text.includes('@') && EMAIL.test(text)) continue;
    for (const [word] of text.replaceAll(/&#?\w+$/g, ' ').matchAll(WORD)) words.add(word.toLowerCase());
  }
  return words;
}

function withoutComments(html: string): string {
  const kept: string[] = [];
  let at = 0;
  for (;;) {
    const start = html.indexOf('<!--', at);
    const end = start < 0 ? -1 : html.indexOf('-->', start + 4);
    if (end < 0) return kept.join(' ') + html.slice(at);
    kept.push(html.slice(at, start));
    at = end + 3;
  }
}

/**
 * Whether a served page has all words of the uploaded one, so that a CDN has minified it or added something. A page of an earlier deploy lacks the words
 * that are new in this one, such as the names of scripts and styles with a hash.
 */
export function hasWordsOf(uploaded: ReadonlySet<string>, served: ReadonlySet<string>): boolean {
  for (const word of uploaded) if (!served.has(word) && !OPTIONAL.has(word)) return false;
  return true;
}
