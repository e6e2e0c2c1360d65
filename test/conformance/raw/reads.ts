import { send, signed } from 'fake-s3/raw-request';
import type { READ_FACTS } from '../expectations/object-facts.js';
import { answered, head, type Probe, put, requestOf, sendTo, shown, type TargetRequest } from './target.js';

const HELLO = '"5d41402abc4b2a76b9719d911017c592"';
const MINUTE = 60_000;
const get: TargetRequest = { key: 'a' };

/** What a GET of `hello` with these headers gets, and says of its range. */
function read(headers: Readonly<Record<string, string>>): Probe {
  return async (target) => {
    await put(target);
    const answer = await sendTo(target, { key: 'a', headers });
    const body = answer.status < 300 ? `, "${answer.body}"` : '';
    return `${shown(answer, 'content-range')}${body}`;
  };
}

/** A put under this key, then the keys that a listing shows. */
function keyed(key: string): Probe {
  return async (target) => {
    const answer = await put(target, {}, { key });
    if (answer.status !== 200) return answered(answer);
    const [listed] = await target.keys();
    return listed === key ? '200, kept' : `200, listed as ${listed}`;
  };
}

const long = (bytes: number): string => `${'d'.repeat(199)}/`.repeat(5) + 'x'.repeat(bytes - 1000);

/** What reads, keys and signatures are answered. */
export const READ_PROBES: Readonly<Record<keyof typeof READ_FACTS, Probe>> = {
  'HEAD of an absent key': async (target) => {
    const answer = await head(target);
    return `${answered(answer)}, ${answer.bytes.length} bytes`;
  },
  'GET of an absent key': async (target) => answered(await sendTo(target, get)),
  'HEAD in no bucket': async (target) =>
    answered(await sendTo(target, { ...get, method: 'HEAD', bucket: 's3pp-nowhere' })),
  'GET in no bucket': async (target) => answered(await sendTo(target, { ...get, bucket: 's3pp-nowhere' })),
  'HEAD of an object': async (target) => {
    await put(target);
    return shown(await head(target), 'etag', 'content-length', 'accept-ranges');
  },
  'the first bytes': read({ range: 'bytes=0-1' }),
  'the last bytes': read({ range: 'bytes=-2' }),
  'bytes to the end': read({ range: 'bytes=3-' }),
  'bytes that begin inside and end outside': read({ range: 'bytes=3-99' }),
  'bytes outside': read({ range: 'bytes=5-' }),
  'a range that is none': read({ range: 'bytes=x' }),
  'GET unless it is the same': read({ 'if-none-match': HELLO }),
  'GET if it is another': read({ 'if-match': '"other"' }),
  'a key of 1,024 bytes': keyed(long(1024)),
  'a key of 1,025 bytes': keyed(long(1025)),
  'a segment of 256 bytes': keyed('x'.repeat(256)),
  'a key a//b': keyed('a//b'),
  'a key /a': keyed('/a'),
  'a key a/': keyed('a/'),
  'a key a/./b': keyed('a/./b'),
  'a key a/../b': keyed('a/../b'),
  'a key ". /a"': keyed('. /a'),
  'a key " "': keyed(' '),
  'a key with a backslash': keyed('a\\b'),
  'a key with every sign': keyed(' a+b%c#d&e?f;g=h\'i(j)k*l!m~n@o:p,q$r"s<t>u'),
  'a key with a line break': keyed('a\nb'),
  'a key beside keys below it': async (target) => {
    const answers = [await put(target, {}, { key: 'a' }), await put(target, {}, { key: 'a/b' })];
    return `${answers.map(answered).join(', ')}, listed as ${(await target.keys()).join(' ')}`;
  },
  'a wrong secret': async (target) => answered(await sendTo(target, get, { secretAccessKey: 'wrong-secret-key' })),
  'a wrong secret for a HEAD': async (target) =>
    answered(await sendTo(target, { ...get, method: 'HEAD' }, { secretAccessKey: 'wrong-secret-key' })),
  'an unknown access key': async (target) => answered(await sendTo(target, get, { accessKeyId: 'nobody' })),
  'no signature': async (target) => answered(await send(target, requestOf(target, get))),
  'a clock 16 minutes late': async (target) =>
    answered(await sendTo(target, get, { at: new Date(Date.now() - 16 * MINUTE) })),
  'a signature for another region': async (target) => answered(await sendTo(target, get, { region: 'eu-west-1' })),
  'another body than the one signed': async (target) => {
    const { request } = signed(target, requestOf(target, { ...get, method: 'PUT', body: 'right' }));
    return answered(await send(target, { ...request, body: 'wrong' }));
  },
  'a header that is not signed': async (target) => {
    const headers = { 'x-amz-meta-a': '1' };
    return answered(
      await sendTo(target, { ...get, method: 'PUT', body: 'x', headers }, { unsigned: ['x-amz-meta-a'] }),
    );
  },
  'DELETE of an absent key': async (target) => answered(await sendTo(target, { ...get, method: 'DELETE' })),
  'the name of the server': async (target) => shown(await put(target), 'server'),
  'the request id': async (target) => ('x-amz-request-id' in (await put(target)).headers ? 'there' : 'none'),
};
