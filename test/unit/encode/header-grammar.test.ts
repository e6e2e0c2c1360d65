import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { headerWarnings } from '../../../src/encode/header-grammar.js';
import { normalizeHeaders } from '../../../src/encode/header-syntax.js';
import { UsageError } from '../../../src/errors.js';
import type { HeaderValues } from '../../../src/options/types.js';

/** The hint of the refusal, which is to hold the right form. */
function refusal(name: string, value: string | Date): UsageError {
  try {
    normalizeHeaders({ [name]: value });
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: `${name}: ${String(value)} was taken` });
}

function warnings(headers: HeaderValues): readonly string[] {
  return headerWarnings(normalizeHeaders(headers)).map(({ message }) => message);
}

const NEW_YEAR = 'Fri, 01 Jan 2100 00:00:00 GMT';

describe('dates', () => {
  const forms = [
    '2100-01-01T00:00:00Z',
    '2100-01-01T00:00:00.000Z',
    '2100-01-01 00:00Z',
    '2100-01-01',
    '2100-01-01T02:00:00+02:00',
    '2099-12-31T19:00:00-0500',
    NEW_YEAR,
    'Thu, 01 Jan 2100 00:00:00 GMT',
    'Fri, 1 Jan 2100 00:00:00 UTC',
    'Fri, 01 Jan 2100 01:00:00 +0100',
    'Fri Jan  1 00:00:00 2100',
  ];
  for (const form of forms)
    test(`Expires ${form} is sent as HTTP writes it`, () =>
      assert.deepEqual(normalizeHeaders({ Expires: form }), { expires: NEW_YEAR }));

  test('a Date is taken where a header is a date, in the form of that header', () => {
    const date = new Date(NEW_YEAR);
    const lock = 'x-amz-object-lock-retain-until-date';
    assert.deepEqual(normalizeHeaders({ Expires: date, [lock]: date }), {
      expires: NEW_YEAR,
      [lock]: '2100-01-01T00:00:00Z',
    });
    assert.deepEqual(normalizeHeaders({ [lock]: NEW_YEAR }), { [lock]: '2100-01-01T00:00:00Z' });
    assert.match(refusal('Cache-Control', date).message, /Date, not text/);
    assert.match(refusal('Expires', new Date('never')).message, /invalid Date/);
  });

  test('a number is refused with the form that is meant', () => {
    const numbers = (name: string, value: number): UsageError => refusal(name, value as unknown as string);
    assert.match(numbers('Expires', 1_700_000_000).hint ?? '', /2023-11-14T22:13:20Z/);
    assert.match(numbers('Cache-Control', 3600).hint ?? '', /"max-age=3600"/);
    assert.match(numbers('x-amz-meta-a', 1).message, /number, not text/);
  });

  test('any time survives both of its forms', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
        const expected = { expires: date.toUTCString() };
        for (const given of [date, date.toISOString(), date.toUTCString()])
          assert.deepEqual(normalizeHeaders({ expires: given }), expected);
      }),
    );
  });

  const refused: readonly (readonly [string, RegExp])[] = [
    ['1700000000', /"Tue, 14 Nov 2023 22:13:20 GMT"/],
    ['1700000000000', /2023-11-14T22:13:20Z/],
    ['tomorrow', /2100-01-01T00:00:00Z/],
    ['3600', /GMT/],
    ['30 days', /GMT/],
    ['2100-01-01T00:00:00', /2100-01-01T00:00:00Z/],
    ['2100-02-30', /GMT/],
    ['01/02/2100', /GMT/],
    [`"${NEW_YEAR}"`, /Write "Fri, 01 Jan 2100 00:00:00 GMT", without/],
    [`Expires: ${NEW_YEAR}`, /Write "Fri, 01 Jan 2100 00:00:00 GMT"/],
  ];
  for (const [value, hint] of refused)
    test(`Expires ${value} is refused`, () => {
      const error = refusal('Expires', value);
      assert.ok(error.message.includes(JSON.stringify(value)), error.message);
      assert.match(error.hint ?? '', hint);
    });

  test('0 and -1, which every cache takes for the past, stay', () => {
    for (const value of ['0', '-1']) assert.deepEqual(normalizeHeaders({ expires: value }), { expires: value });
  });
});

describe('what is wrong is refused with the form that is meant', () => {
  const rows: readonly (readonly [header: string, given: string, meant: string])[] = [
    ['Cache-Control', '3600', '"max-age=3600"'],
    ['Cache-Control', 'max-age:3600', '"max-age=3600"'],
    ['Cache-Control', 'max-age: 3600', '"max-age=3600"'],
    ['Cache-Control', 'max-age = 3600', '"max-age=3600"'],
    ['Cache-Control', 'max-age 3600', '"max-age=3600"'],
    ['Cache-Control', '"max-age=3600"', '"max-age=3600"'],
    ['Cache-Control', "'no-cache'", '"no-cache"'],
    ['Cache-Control', 'max-age="3600"', '"max-age=3600"'],
    ['Cache-Control', 'max-age=1h', '"max-age=3600"'],
    ['Cache-Control', 'max-age=-1', '"max-age=0"'],
    ['Cache-Control', 'public max-age=60', '"public, max-age=60"'],
    ['Cache-Control', 'public; max-age=60', '"public, max-age=60"'],
    ['Cache-Control', 'public, max-age:60, immutable', '"public, max-age=60, immutable"'],
    ['Cache-Control', 'max-age=60 immutable', '"max-age=60, immutable"'],
    ['Cache-Control', 'Cache-Control: no-cache', '"no-cache"'],
    ['Cache-Control', 'cache-control=max-age=60', '"max-age=60"'],
    ['Cache-Control', 'max-age=', '"max-age=3600"'],
    ['Cache-Control', 'public, s-maxage:', '"public, s-maxage=3600"'],
    ['Cache-Control', 'no cache', '"no-cache"'],
    ['Cache-Control', 'no store, must revalidate', '"no-store, must-revalidate"'],
    ['Cache-Control', 'foo=bar=1', '"max-age=3600"'],
    ['Content-Encoding', 'gzip br', '"gzip, br"'],
    ['Content-Encoding', '"gzip"', '"gzip"'],
    ['Content-Encoding', 'gzip, aws-chunked', '"gzip"'],
    ['Content-Language', 'en_US', '"en-US"'],
    ['Content-Language', 'en_US.UTF-8', '"en-US"'],
    ['Content-Language', 'de;q=0.9', '"de"'],
    ['Content-Disposition', 'filename=report.pdf', 'attachment; filename="report.pdf"'],
    ['Content-Disposition', 'attachment; filename=my report.pdf', 'attachment; filename="my report.pdf"'],
    ['Content-Disposition', 'inline filename=a.pdf', 'inline; filename="a.pdf"'],
    ['Content-Disposition', "attachment; filename*=UTF-8''a b.txt", "attachment; filename*=UTF-8''a%20b.txt"],
    ['Content-Type', 'text/html charset=utf-8', '"text/html; charset=utf-8"'],
    ['Content-Type', 'text/html, charset=utf-8', '"text/html; charset=utf-8"'],
    ['Content-Type', 'text/css; utf-8', '"text/css; charset=utf-8"'],
    ['Content-Type', '"text/html"', '"text/html"'],
    ['Content-Type', 'text/*', '"text/html; charset=utf-8"'],
    ['x-amz-website-redirect-location', 'new', '"/new"'],
    ['x-amz-website-redirect-location', 'www.example.com/a', '"https://www.example.com/a"'],
    ['x-amz-website-redirect-location', '/a b', '"/a%20b"'],
    ['x-amz-website-redirect-location', 'ftp://www.example.com/a', '"https://"'],
    ['x-amz-object-lock-mode', 'governance', 'GOVERNANCE'],
    ['x-amz-object-lock-legal-hold', 'on', 'ON'],
    ['x-amz-object-lock-event-hold', 'off', 'OFF'],
    ['x-amz-object-lock-event-hold-duration-days', '1.5', 'digits'],
    ['x-amz-object-lock-retain-until-date', 'tomorrow', '2100-01-01T00:00:00Z'],
    ['x-amz-storage-class', 'standard_ia', 'STANDARD_IA'],
    ['x-amz-server-side-encryption', 'kms', 'aws:kms'],
    ['x-amz-server-side-encryption', 'aes256', 'AES256'],
    ['x-amz-server-side-encryption-bucket-key-enabled', 'yes', 'true, false'],
    ['x-amz-request-payer', 'true', 'requester'],
    ['x-amz-expected-bucket-owner', '1111-2222-3333', '12 digits'],
    ['x-amz-tagging', 'a=1,b=2', 'a=1&b=2'],
    ['x-amz-tagging', 'a=1&a=2', ''],
    ['x-amz-tagging', 'a=%zz', 'percent-encoding'],
    ['x-amz-acl', 'public', 'Did you mean public-read?'],
    ['x-amz-acl', 'Public-Read', 'Did you mean public-read?'],
  ];
  for (const [header, given, meant] of rows)
    test(`${header}: ${given}`, () => {
      const { hint = '' } = refusal(header, given);
      assert.ok(hint.includes(meant), hint);
    });

  test('aws-chunked, which is no encoding of an object, in any case', () => {
    for (const value of ['aws-chunked', 'AWS-Chunked', 'br,aws-chunked'])
      assert.match(refusal('Content-Encoding', value).message, /aws-chunked/i);
  });

  test('an ACL that lets the world write is not suggested for one that does not say so', () => {
    assert.doesNotMatch(refusal('x-amz-acl', 'public').hint?.split('?')[0] ?? '', /write/);
    assert.match(refusal('x-amz-acl', 'public-readwrite').hint ?? '', /Did you mean public-read-write/);
  });

  test('but a key never shows in the message', () => {
    for (const name of ['x-amz-server-side-encryption-customer-key', 'x-amz-server-side-encryption-context']) {
      for (const secret of ['s3cr3t!', 'sécret', 'sec\nret'])
        assert.ok(!refusal(name, secret).message.includes('cret'), name);
    }
  });
});

describe('what is right is sent unchanged', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['cache-control', 'public, max-age=31536000, immutable'],
    ['cache-control', 'private="x-a, x-b", no-cache'],
    ['cache-control', 'Max-Age=0,'],
    ['cache-control', 's-maxage=1, stale-while-revalidate=60, stale-if-error=86400'],
    ['content-encoding', 'gzip, br'],
    ['content-language', 'de, en-GB, zh-Hans-CN, x-own'],
    ['content-disposition', 'attachment; filename="a;\\"b\\".txt"; filename*=UTF-8\'\'%C3%BC.txt'],
    ['content-type', 'application/ld+json; profile="https://a.b/c; d"'],
    ['content-type', 'text/html; charset=shift_jis'],
    ['x-amz-website-redirect-location', 'https://www.example.com/a?b#c'],
    ['x-amz-object-lock-event-hold', 'ON'],
    ['x-amz-object-lock-event-hold-duration-days', '90'],
    ['x-amz-object-lock-event-hold-duration-years', '1'],
    ['x-amz-storage-class', 'GLACIER_IR'],
    ['x-amz-server-side-encryption', 'aws:fsx'],
    ['x-amz-server-side-encryption-context', 'eyJ0ZWFtIjoiZG9jcyJ9'],
    ['x-amz-tagging', 'team=docs&name=a%20b+c&empty'],
    ['x-amz-meta-note', '"quoted"'],
    ['x-amz-meta-attrs', 'a=1,b=2'],
  ];
  for (const [name, value] of rows)
    test(`${name}: ${value}`, () => {
      assert.deepEqual(normalizeHeaders({ [name]: value }), { [name]: value });
      assert.deepEqual(warnings({ [name]: value }), []);
    });
});

describe('what is odd is sent with a warning', () => {
  const rows: readonly (readonly [string, string, RegExp])[] = [
    ['cache-control', 'nocache', /"nocache"\. Did you mean no-cache\?/],
    ['cache-control', 'public, max-ages=60', /Did you mean max-age\?/],
    ['cache-control', 'public=1', /takes no value/],
    ['cache-control', 'max-age=0, max-age=60', /twice/],
    ['content-encoding', 'brotli', /Did you mean br\?/],
    ['content-encoding', 'utf-8', /charset/],
    ['content-language', 'english', /"english"/],
    ['content-disposition', 'attachement', /Did you mean attachment\?/],
    ['content-type', 'text/html; charset=utf-99', /"utf-99"/],
    ['x-amz-storage-class', 'STANDARDIA', /Did you mean STANDARD_IA/],
    ['x-amz-meta-a', '1,b=2', /"b=" in it is a part of the value/],
    ['x-amz-meta-a', '1; b=2', /"b="/],
    ['x-amz-meta-a', '1, Cache-Control: no-cache', /"Cache-Control:"/],
  ];
  for (const [name, value, text] of rows)
    test(`${name}: ${value}`, () => {
      assert.deepEqual(normalizeHeaders({ [name]: value }), { [name]: value });
      const [only = '', ...more] = warnings({ [name]: value });
      assert.deepEqual(more, []);
      assert.ok(only.includes(JSON.stringify(value)), only);
      assert.match(only, text);
    });
});

test('any text is refused or taken, and what is taken is taken again unchanged', () => {
  const names = [
    'cache-control',
    'content-type',
    'content-disposition',
    'content-language',
    'content-encoding',
    'expires',
  ];
  const texts = fc.stringMatching(/^[ -~]{0,60}$/);
  fc.assert(
    fc.property(fc.constantFrom(...names), texts, (name, text) => {
      let once: Record<string, string>;
      try {
        once = normalizeHeaders({ [name]: text });
      } catch (error) {
        assert.ok(error instanceof UsageError, String(error));
        return;
      }
      assert.deepEqual(normalizeHeaders(once), once);
    }),
  );
});
