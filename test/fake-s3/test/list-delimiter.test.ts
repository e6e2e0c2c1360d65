import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type S3Server, startS3Server } from 'fake-s3';
import { sendSigned } from 'fake-s3/raw-request';
import fc from 'fast-check';
import { runs } from '../../support/runs.js';
import { texts } from './multipart.js';

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

interface Query {
  readonly prefix: string;
  readonly delimiter: string;
  readonly startAfter: string;
}

/** What S3 lists: keys and common prefixes of those behind the start, each once. */
function expected(keys: readonly string[], { prefix, delimiter, startAfter }: Query): string[] {
  const shown = keys
    .filter((key) => key.startsWith(prefix) && (startAfter === '' || byBytes(key, startAfter) > 0))
    .map((key) => {
      const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      return end < 0 ? key : `${key.slice(0, end + delimiter.length)}*`;
    });
  return [...new Set(shown)].sort(byBytes);
}

/** The entries of all pages; a common prefix has a star behind it. */
async function listed(server: S3Server, { prefix, delimiter, startAfter }: Query): Promise<string[]> {
  const parameters = { prefix, delimiter, 'start-after': startAfter };
  const found: string[] = [];
  let token = '';
  do {
    const query = Object.entries({ ...parameters, 'continuation-token': token })
      .filter(([, value]) => value !== '')
      .map(([name, value]) => `&${name}=${encodeURIComponent(value)}`);
    const page = await sendSigned(server, { path: `/site?list-type=2${query.join('')}` });
    assert.equal(page.status, 200, page.body);
    const rolledUp = [...page.body.matchAll(/<CommonPrefixes><Prefix>([^<]*)</g)].map(([, text]) => `${text}*`);
    found.push(...texts(page, 'Key'), ...rolledUp);
    token = texts(page, 'NextContinuationToken')[0] ?? '';
  } while (token !== '');
  return found.sort(byBytes);
}

test('common prefixes are right from any start, behind any prefix, on pages of any size', async () => {
  const server = await startS3Server();
  const text = (minLength: number) =>
    fc.string({ unit: fc.constantFrom('a', 'b', '/', '-', '0', '\uffee', '😀'), minLength, maxLength: 4 });
  const property = fc.asyncProperty(
    fc.uniqueArray(text(1), { maxLength: 25 }),
    text(0),
    fc.oneof(fc.constant(''), fc.constantFrom('a', 'a/', '/')),
    fc.constantFrom('/', '/', 'a/', '-', ''),
    fc.integer({ min: 1, max: 5 }),
    async (keys, startAfter, prefix, delimiter, pageSize) => {
      server.createBucket('site', { pageSize });
      for (const key of keys) server.seed('site', key, '');
      const query = { prefix, delimiter, startAfter };
      assert.deepEqual(await listed(server, query), expected(keys, query));
    },
  );
  try {
    await fc.assert(property, runs(60));
  } finally {
    await server.close();
  }
});
