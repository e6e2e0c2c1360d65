import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { RawAnswer } from 'fake-s3/raw-request';
import type { Target } from '../../support/target.js';
import type { DELETE_FACTS } from '../expectations/delete-facts.js';
import { answered, head, type Probe, put, sendTo } from './target.js';

type Headers = Readonly<Record<string, string>>;

const HELLO = '"5d41402abc4b2a76b9719d911017c592"';
const OTHER = '"795f3202b17cb6bc3d4b771d8c6c9eaf"';
const md5 = (body: string): Headers => ({ 'content-md5': hash('md5', body, 'base64') });

const left = async (target: Target): Promise<string> => ((await head(target)).status === 200 ? 'there' : 'gone');

const document = (...objects: readonly string[]): string =>
  `<Delete>${objects.map((object) => `<Object>${object}</Object>`).join('')}</Delete>`;
const withEtag = (etag: string): string => document(`<Key>a</Key><ETag>${etag.replaceAll('"', '&quot;')}</ETag>`);

/** The names in the answer to a batch, each with what became of it. */
function results({ body, status }: RawAnswer): string {
  if (status !== 200) return '';
  const all = body.matchAll(/<(Deleted|Error)>(.*?)<\/\1>/gs);
  return [...all]
    .map(([, what = '', inner = '']) => `${what === 'Error' ? text(inner, 'Code') : what} ${text(inner, 'Key')}`)
    .join(', ');
}

/** References to line breaks as backslashes. */
function text(xml: string, name: string): string {
  const inner = new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(xml)?.[1] ?? '';
  return inner.replace(/&#(?:13|xd);|\r/gi, '\\r').replace(/&#(?:10|xa);|\n/gi, '\\n');
}

/** A delete of `hello` under the key `a`. */
function alone(headers: Headers): Probe {
  return async (target) => {
    await put(target);
    const answer = await sendTo(target, { method: 'DELETE', key: 'a', headers });
    return `${answered(answer)}, ${await left(target)}`;
  };
}

/** A batch, while `hello` is under the key `a`. */
function batch(body: string, headers: Headers = md5(body)): Probe {
  return async (target) => {
    await put(target);
    const answer = await sendTo(target, { method: 'POST', query: 'delete', body, headers });
    return `${answer.status === 200 ? 200 : answered(answer)}, ${results(answer)}, ${await left(target)}`;
  };
}

const A = document('<Key>a</Key>');
function crc32Of(body: string): Headers {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return { 'x-amz-checksum-crc32': bytes.toString('base64') };
}

/** Tags over those of a put. */
function tagged(set: string): Probe {
  return async (target) => {
    await put(target, { 'x-amz-tagging': 'old=1' });
    const before = await head(target);
    const answer = await tag(target, set);
    const { body } = await sendTo(target, { key: 'a', query: 'tagging' });
    const after = await head(target);
    const kept = (['etag', 'last-modified'] as const).every((name) => before.headers[name] === after.headers[name]);
    const tags = /<TagSet>(.*)<\/TagSet>/s.exec(body)?.[1]?.replace(/<\/?Tag>|\s/g, '') ?? '';
    return `${answered(answer)}, ${tags}, ${kept ? 'same ETag and date' : 'changed'}`;
  };
}

function tag(target: Target, set: string): Promise<RawAnswer> {
  const body = `<Tagging><TagSet>${set}</TagSet></Tagging>`;
  return sendTo(target, { method: 'PUT', key: 'a', query: 'tagging', body, headers: md5(body) });
}

const NEW = '<Tag><Key>new</Key><Value>1</Value></Tag>';

/** What deletes and writes of tags are answered, and what they leave behind. */
export const DELETE_PROBES: Readonly<Record<keyof typeof DELETE_FACTS, Probe>> = {
  'a delete of an object': alone({}),
  'a delete of an absent key': async (target) =>
    `${answered(await sendTo(target, { method: 'DELETE', key: 'a' }))}, ${await left(target)}`,
  'a delete with the ETag': alone({ 'if-match': HELLO }),
  'a delete with another ETag': alone({ 'if-match': OTHER }),
  'a batch of deletes': batch(document('<Key>a</Key>', '<Key>b</Key>')),
  'a batch in quiet mode': batch(A.replace('</Delete>', '<Quiet>true</Quiet></Delete>')),
  'a batch without a checksum': batch(A, {}),
  'a batch with a wrong Content-MD5': batch(A, md5('other')),
  'a batch with a right CRC32': batch(A, crc32Of(A)),
  'a batch with the ETag': batch(withEtag(HELLO)),
  'a batch with another ETag': batch(withEtag(OTHER)),
  'a batch with no key': batch('<Delete></Delete>'),
  'a batch of 1,001 keys': async (target) => {
    const many = batch(document(...Array.from({ length: 1_001 }, (_, i) => `<Key>k${i}</Key>`)));
    return (await many(target)).replace(/Deleted k0, .*Deleted k1000/, '1,001 keys');
  },
  'a batch with a control character': batch(document('<Key>a</Key>', '<Key>b&#1;</Key>')),
  'a batch with a line break in a key': batch(document('<Key>a&#13;&#10;b</Key>')),
  'tags that replace others': tagged(NEW),
  'an empty set of tags': tagged(''),
  'tags of an absent key': async (target) => answered(await tag(target, NEW)),
};
