import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ResponseReader } from '../../../../src/s3/http/response.js';
import { runs } from '../../../support/runs.js';

interface Read {
  readonly status?: number;
  readonly body?: string;
  readonly reusable?: boolean;
  readonly error?: string;
}

/** Reads bytes in these pieces, and then the end of the connection. */
function read(pieces: readonly string[], method = 'GET'): Read {
  const reader = new ResponseReader(method);
  try {
    for (const piece of pieces) reader.read(Buffer.from(piece, 'latin1'));
    const { reusable } = reader;
    reader.end();
    const { status, body } = reader.response();
    return { status, body: body.toString('latin1'), reusable };
  } catch (error) {
    return { error: (error as { code: string }).code };
  }
}

const HEAD = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${HEAD}transfer-encoding: chunked\r\n\r\n`;
const MALFORMED: Read = { error: 'MalformedAnswer' };
const TRUNCATED: Read = { error: 'TruncatedAnswer' };

const ROWS: readonly (readonly [what: string, bytes: string, read: Read, method?: string])[] = [
  ['another protocol', 'SSH-2.0-OpenSSH_9\r\n', MALFORMED],
  ['a length', `${HEAD}Content-Length: 3\r\n\r\nabc`, { status: 200, body: 'abc', reusable: true }],
  ['no body by its length', `${HEAD}content-length: 0\r\n\r\n`, { status: 200, body: '', reusable: true }],
  ['no body by its status', 'HTTP/1.1 204 No Content\r\n\r\n', { status: 204, body: '', reusable: true }],
  ['no reason', 'HTTP/1.1 304\r\n\r\n', { status: 304, body: '', reusable: true }],
  ['no body by the method', `${HEAD}content-length: 9\r\n\r\n`, { status: 200, body: '', reusable: true }, 'HEAD'],
  [
    'the same length twice',
    `${HEAD}content-length: 1\r\ncontent-length: 1\r\n\r\na`,
    { status: 200, body: 'a', reusable: true },
  ],
  [
    'chunks',
    `${CHUNKED}3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n`,
    { status: 200, body: 'abc0123456789', reusable: true },
  ],
  ['trailers', `${CHUNKED}1\r\na\r\n0\r\nx-amz-checksum-crc32: y\r\n\r\n`, { status: 200, body: 'a', reusable: true }],
  ['no length', `${HEAD}\r\nall there is`, { status: 200, body: 'all there is', reusable: false }],
  [
    'Connection: close',
    `${HEAD}connection: Close\r\ncontent-length: 1\r\n\r\na`,
    { status: 200, body: 'a', reusable: false },
  ],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na', { status: 200, body: 'a', reusable: false }],
  [
    'HTTP/1.0 and keep-alive',
    'HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 1\r\n\r\na',
    { status: 200, body: 'a', reusable: true },
  ],
  ['something after its end', `${HEAD}content-length: 1\r\n\r\nab`, { status: 200, body: 'a', reusable: false }],
  [
    '100 Continue before it',
    `HTTP/1.1 100 Continue\r\n\r\n${HEAD}content-length: 1\r\n\r\na`,
    { status: 200, body: 'a', reusable: true },
  ],
  [
    'two informational heads before it',
    `HTTP/1.1 103 Early\r\nlink: x\r\n\r\nHTTP/1.1 100 C\r\n\r\n${HEAD}content-length: 0\r\n\r\n`,
    { status: 200, body: '', reusable: true },
  ],
  ['nothing at all', '', TRUNCATED],
  ['half a head', 'HTTP/1.1 200 OK\r\ncontent-', TRUNCATED],
  ['half a body', `${HEAD}content-length: 3\r\n\r\nab`, TRUNCATED],
  ['half a chunk', `${CHUNKED}5\r\nab`, TRUNCATED],
  ['chunks without an end', `${CHUNKED}1\r\na\r\n`, TRUNCATED],
  ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n', MALFORMED],
  ['HTTP/2', 'HTTP/2 200\r\n\r\n', MALFORMED],
  ['an invalid status', 'HTTP/1.1 999 No\r\n\r\n', MALFORMED],
  ['a switch of protocols', 'HTTP/1.1 101 Switching\r\n\r\n', MALFORMED],
  ['two different lengths', `${HEAD}content-length: 1\r\ncontent-length: 2\r\n\r\nab`, MALFORMED],
  ['a length and chunks', `${HEAD}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`, MALFORMED],
  ['a length that is no number', `${HEAD}content-length: 1,1\r\n\r\na`, MALFORMED],
  ['a negative length', `${HEAD}content-length: -1\r\n\r\n`, MALFORMED],
  ['a length above the maximum', `${HEAD}content-length: 99999999999\r\n\r\n`, MALFORMED],
  ['an unknown transfer encoding', `${HEAD}transfer-encoding: gzip\r\n\r\n`, MALFORMED],
  ['a header without a name', `${HEAD}: x\r\n\r\n`, MALFORMED],
  ['a header without a colon', `${HEAD}nonsense\r\n\r\n`, MALFORMED],
  ['a folded header', `${HEAD}a: b\r\n c\r\n\r\n`, MALFORMED],
  ['a name with a space before its colon', `${HEAD}content-length : 1\r\n\r\na`, MALFORMED],
  ['a header with a bare line feed', `${HEAD}a: b\nc: d\r\n\r\n`, MALFORMED],
  ['a chunk longer than it says', `${CHUNKED}1\r\nab\r\n0\r\n\r\n`, MALFORMED],
  ['an invalid chunk size', `${CHUNKED}x\r\n`, MALFORMED],
  ['a chunk size without CR', `${CHUNKED}1\na\r\n0\r\n\r\n`, MALFORMED],
  ['a head without an end', `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(12_000)}`, MALFORMED],
  ['a chunk header without an end', `${CHUNKED}1;${'x'.repeat(5_000)}`, MALFORMED],
];
for (const [what, bytes, expected, method] of ROWS) {
  test(`a response with ${what} is read as ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(read([bytes], method), expected);
  });
}

test('a response is the same however its bytes are split', () => {
  const whole = ROWS.filter(([, bytes]) => bytes.length < 200);
  fc.assert(
    fc.property(
      fc.constantFrom(...whole),
      fc.array(fc.nat(60), { maxLength: 12 }),
      ([, bytes, expected, method], cuts) => {
        const at = [...new Set(cuts.map((cut) => Math.min(cut, bytes.length)))].sort((a, b) => a - b);
        const pieces = [0, ...at].map((start, i) => bytes.slice(start, at[i] ?? bytes.length));
        // Bytes after the end of a response make the connection unusableResponse, unless they come after it was reused.
        assert.deepEqual(read(pieces, method), expected);
      },
    ),
    runs(2_000),
  );
});

test('whatever a server sends, reading ends in a response or a named failure', () => {
  const noise = fc.array(
    fc.constantFrom(
      'HTTP/1.1 200 OK',
      '\r\n',
      '\r',
      '\n',
      ' ',
      ':',
      'a',
      '0',
      '5',
      'content-length',
      'transfer-encoding: chunked',
      '\0',
    ),
  );
  fc.assert(
    fc.property(noise, (parts) => {
      const { error, status } = read([parts.join('')]);
      assert.ok(error === 'MalformedAnswer' || error === 'TruncatedAnswer' || status !== undefined);
    }),
  );
});

test('values of a repeated header are joined, names are in lower case, and none is inherited', () => {
  const reader = new ResponseReader('GET');
  reader.read(Buffer.from(`${HEAD}X-A: 1\r\nx-a:  2 \r\nconstructor: c\r\ncontent-length: 0\r\n\r\n`));
  const headers = reader.response().headers();
  assert.deepEqual({ ...headers }, { 'x-a': '1, 2', constructor: 'c', 'content-length': '0' });
  assert.equal(headers.toString, undefined);
});

test('the headers of a response do not depend on the responses before it', () => {
  const header = fc.tuple(
    fc.constantFrom('ETag', 'etag', 'Date', 'x-amz-id-2', 'x-amz', 'Server', 'x-amz-meta-a'),
    fc.constantFrom('', '1', '2', ' 3 ', 'a: b'),
  );
  const head = fc.array(header, { maxLength: 6 });
  fc.assert(
    fc.property(fc.array(head, { minLength: 1, maxLength: 6 }), (heads) => {
      for (const lines of heads) {
        const reader = new ResponseReader('HEAD');
        reader.read(Buffer.from(`${HEAD}${lines.map(([name, value]) => `${name}:${value}\r\n`).join('')}\r\n`));
        const expected: Record<string, string> = {};
        for (const [name, value] of lines) {
          const lower = name.toLowerCase();
          const before = expected[lower];
          const isRepeated = before === value.trim() && lower !== 'x-amz-meta-a';
          expected[lower] = before === undefined || isRepeated ? value.trim() : `${before}, ${value.trim()}`;
        }
        assert.deepEqual({ ...reader.response().headers() }, expected);
        assert.equal(reader.response().header('etag'), expected.etag);
      }
    }),
  );
});
