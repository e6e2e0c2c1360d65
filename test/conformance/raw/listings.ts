import type { RawAnswer } from 'fake-s3/raw-request';
import type { Target } from '../../support/target.js';
import type { LIST_FACTS } from '../expectations/object-facts.js';
import { answered, encoded, type Probe, put, sendTo } from './target.js';

/** A page of a listing, with these parameters; values are encoded here. */
function list(target: Target, parameters: Readonly<Record<string, string>> = {}): Promise<RawAnswer> {
  const query = Object.entries({ 'list-type': '2', ...parameters }).map(([name, value]) => `${name}=${encoded(value)}`);
  return sendTo(target, { query: query.join('&') });
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Servers write one sign as different references, which mean the same. */
const unescaped = (text: string): string =>
  text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (all, decimal, hex, name) =>
    name === undefined
      ? String.fromCodePoint(decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal))
      : (NAMED[name] ?? all),
  );

const all = (answer: RawAnswer, element: string): string[] =>
  [...answer.body.matchAll(new RegExp(`<${element}>([^<]*)</`, 'g'))].map(([, text = '']) => unescaped(text));
const one = (answer: RawAnswer, element: string): string => all(answer, element)[0] ?? 'none';

/** Keys and common prefixes of an answer, in its order. */
const entries = (answer: RawAnswer): string =>
  answer.status === 200
    ? all(answer, 'Key').concat(all(answer, 'CommonPrefixes><Prefix')).join(' ') || 'nothing'
    : answered(answer);

/** What a listing of these keys shows. */
function listed(keys: readonly string[], parameters: Readonly<Record<string, string>>): Probe {
  return async (target) => {
    for (const key of keys) await put(target, {}, { key, body: '' });
    return entries(await list(target, parameters));
  };
}

const FOLDERS = ['a', 'b/1', 'b/2', 'b/c/3', 'd', 'e/1'];
const DOCS = ['docs-old/a', 'docs/a', 'docs/b/c', 'x'];

/** What listings are answered. */
export const LIST_PROBES: Readonly<Record<keyof typeof LIST_FACTS, Probe>> = {
  'the order of keys': listed(['\u{1f600}', '\uff5e', 'b', 'a/x', 'a-b', 'a.b', 'A', '\u00e9', 'z'], {}),
  'an entry': async (target) => {
    await put(target);
    const answer = await list(target);
    return ['Size', 'ETag', 'StorageClass'].map((element) => one(answer, element)).join(', ');
  },
  'pages of two': async (target) => {
    for (const key of ['a', 'b', 'c', 'd', 'e']) await put(target, {}, { key });
    const pages: string[] = [];
    let token: string | undefined;
    do {
      const page = await list(target, { 'max-keys': '2', ...(token !== undefined && { 'continuation-token': token }) });
      pages.push(`${entries(page)} (${one(page, 'KeyCount')}, ${one(page, 'IsTruncated')})`);
      token = all(page, 'NextContinuationToken')[0];
    } while (token !== undefined);
    return pages.join('; ');
  },
  'a page of none': async (target) => {
    await put(target);
    const page = await list(target, { 'max-keys': '0' });
    return `${entries(page)} (${one(page, 'KeyCount')}, ${one(page, 'IsTruncated')})`;
  },
  'a page of 2,000': async (target) => one(await list(target, { 'max-keys': '2000' }), 'MaxKeys'),
  'max-keys that is no number': async (target) => answered(await list(target, { 'max-keys': 'x' })),
  'max-keys below zero': async (target) => answered(await list(target, { 'max-keys': '-1' })),
  'a token that is none': async (target) => answered(await list(target, { 'continuation-token': 'a' })),
  'start-after a key': listed(['a', 'b', 'c', 'd'], { 'start-after': 'b' }),
  'start-after what is no key': listed(['a', 'b', 'c', 'd'], { 'start-after': 'bb' }),
  'start-after the last key': listed(['a', 'b'], { 'start-after': 'b' }),
  'start-after within a prefix': listed(['a', 'c/1', 'c/2', 'd'], { 'start-after': 'c/1', prefix: 'c/' }),
  'start-after before a prefix': listed(['a', 'c/1', 'c/2', 'd'], { 'start-after': 'a', prefix: 'c/' }),
  'start-after in a folder': listed(['a', 'c/1', 'c/2', 'c/d/3', 'e'], { 'start-after': 'c/1' }),
  'start-after with a delimiter': listed(['a', 'c/1', 'c/2', 'd'], { 'start-after': 'c/1', delimiter: '/' }),
  'start-after beyond ASCII': listed(['a', '\uff5e', '\u{1f600}', '\u{1f600}a'], { 'start-after': '\u{1f600}' }),
  'a prefix without its slash': listed(DOCS, { prefix: 'docs' }),
  'a prefix with its slash': listed(DOCS, { prefix: 'docs/' }),
  'a prefix of no key': listed(DOCS, { prefix: 'none' }),
  'a prefix within a name': listed(DOCS, { prefix: 'docs/b/' }),
  'a delimiter': listed(FOLDERS, { delimiter: '/' }),
  'a delimiter within a prefix': listed(FOLDERS, { delimiter: '/', prefix: 'b/' }),
  'encoding-type url': async (target) => {
    await put(target, {}, { key: "a b+c%~*-_.'()!\u00e9" });
    const answer = await list(target, { 'encoding-type': 'url' });
    return `${one(answer, 'EncodingType')}, ${one(answer, 'Key')}`;
  },
  'another encoding-type': async (target) => answered(await list(target, { 'encoding-type': 'base64' })),
  'signs that XML escapes': async (target) => {
    await put(target, {}, { key: 'a&b<c>d"e' });
    return one(await list(target), 'Key');
  },
  'a listing of no bucket': async (target) =>
    answered(await sendTo(target, { bucket: 's3pp-nowhere', query: 'list-type=2' })),
};
