import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { environmentConfig, unknownVariables } from '../../../src/cli/environment.js';
import { isConfigurable, valuesIn } from '../../../src/config/layers.js';
import { CLI_FLAGS } from '../../../src/options/table.js';

describe('S3PP_ variables become options', () => {
  const rows: readonly (readonly [Readonly<Record<string, string>>, Readonly<Record<string, unknown>>])[] = [
    [{ S3PP_MODE: 'add' }, { mode: 'add' }],
    [{ S3PP_ENDPOINT_URL: 'http://h' }, { endpointUrl: 'http://h' }],
    [
      { S3PP_LIMIT: '3', S3PP_MIN_SIZE: '8MiB' },
      { limit: 3, minSize: '8MiB' },
    ],
    [{ S3PP_CONCURRENCY: 'auto' }, { concurrency: 'auto' }],
    [
      { S3PP_DRY_RUN: 'true', S3PP_HIDDEN: '0' },
      { dryRun: true, hidden: false },
    ],
    [
      { S3PP_DRY_RUN: 'false', S3PP_HIDDEN: '1' },
      { dryRun: false, hidden: true },
    ],
    [{ S3PP_SOURCE: 'dist\nmore files' }, { source: ['dist', 'more files'] }],
    [{ S3PP_INCLUDE: '*.html\r\n\n *.css \n' }, { include: ['*.html', '*.css'] }],
    [
      { S3PP_EXCLUDE: '*.map\n!keep.map', S3PP_INCLUDE: 'a' },
      { include: ['a'], exclude: ['*.map', '!keep.map'] },
    ],
    [
      { S3PP_HEADER: 'Cache-Control: a, b\nx-amz-meta-a:b:c' },
      { headers: { 'Cache-Control': 'a, b', 'x-amz-meta-a': 'b:c' } },
    ],
    [{ S3PP_HEADERS: 'A: b', S3PP_HEADER: '' }, { headers: { A: 'b' } }],
    [{ S3PP_METADATA: 'a=1\nb=2=3' }, { metadata: { a: '1', b: '2=3' } }],
    [{ S3PP_REQUEST_PAYER: 'requester' }, { requestPayer: true }],
    [
      { S3PP_EXPIRES: '2100-01-01', S3PP_WEBSITE_REDIRECT: '/new' },
      { expires: '2100-01-01', websiteRedirect: '/new' },
    ],
    [{ S3PP_QUIET: 'true' }, { quiet: true }],
    [{ S3PP_QUIET: '0' }, { quiet: false }],
    [{ S3PP_QUIET: 'failures' }, { quiet: 'failures' }],
    [{ S3PP_GZIP: '1' }, { gzip: true }],
    [{ S3PP_GZIP: 'all' }, { gzip: 'all' }],
    [{ S3PP_GZIP: 'false' }, { gzip: false }],
    [{ S3PP_GZIP_TYPE: 'text/css\nguess' }, { gzip: ['text/css', 'guess'] }],
    [
      { S3PP_RULES: 'rules.yaml', S3PP_CONFIG: 'c.yaml' },
      { rules: 'rules.yaml', config: 'c.yaml' },
    ],
    [{ S3PP_MODE: '', S3PP_PREFIX: '', S3PP_DRY_RUN: '' }, {}],
    [{ AWS_REGION: 'x', S3PP_SERVERS: 'minio' }, {}],
  ];
  for (const [env, expected] of rows)
    test(JSON.stringify(env), () => assert.deepEqual(valuesIn(environmentConfig(env)), expected));

  test('for every option of the command line', () => {
    const samples: Readonly<Record<string, string>> = {
      integer: '7',
      number: '0.5',
      headers: 'A: b',
      pairs: 'a=b',
      switch: '1',
      optional: 'text/css',
      texts: 'all',
    };
    for (const row of CLI_FLAGS) {
      if (!isConfigurable(row)) continue;
      const name = `S3PP_${row.flag.toUpperCase().replaceAll('-', '_')}`;
      const value = row.choices?.[0] ?? samples[row.type] ?? 'x';
      const settings = environmentConfig({ [name]: value });
      assert.deepEqual(
        [...settings.values()].map(({ from }) => from),
        [name],
      );
      assert.deepEqual(unknownVariables({ [name]: value }), []);
      const inApi = `S3PP_${row.name.replaceAll(/[A-Z]/g, '_$&').toUpperCase()}`;
      assert.deepEqual(Object.keys(valuesIn(environmentConfig({ [inApi]: value }))).length, 1, inApi);
      assert.deepEqual(unknownVariables({ [inApi]: value }), []);
    }
  });
});

describe('a variable that cannot be read is refused by its name', () => {
  const rows: readonly (readonly [string, string, RegExp])[] = [
    ['S3PP_DRY_RUN', 'yes', /^S3PP_DRY_RUN is "yes"; it must be true or false, or 1 or 0/],
    ['S3PP_DRY_RUN', 'TRUE', /must be true or false, or 1 or 0/],
    ['S3PP_LIMIT', 'ten', /^S3PP_LIMIT is "ten"; it must be a whole number/],
    ['S3PP_MODE', 'updat', /^S3PP_MODE is "updat"; it must be one of add, update, stupid/],
    ['S3PP_QUIET', '2', /^S3PP_QUIET is "2"; it must be true or false, or 1 or 0, or failures\.$/],
    ['S3PP_HEADER', 'foo', /^S3PP_HEADER: "foo" is not of the form/],
    ['S3PP_GZIP', 'foo', /^S3PP_GZIP: "foo" is not a content type/],
    ['S3PP_GZIP_TYPE', 'text/css\nfoo', /^S3PP_GZIP_TYPE: "foo" is not a content type/],
    ['S3PP_METADATA', 'a=1\nA=2', /^S3PP_METADATA: "A" is given twice/],
  ];
  for (const [name, value, message] of rows)
    test(`${name}=${value}`, () =>
      assert.throws(() => environmentConfig({ [name]: value }), { name: 'UsageError', message }));
});

test('a variable of either name of one option may be set, not both', () => {
  assert.throws(() => environmentConfig({ S3PP_HEADER: 'A: b', S3PP_HEADERS: 'C: d' }), {
    name: 'UsageError',
    message: 'S3PP_HEADERS and S3PP_HEADER are one option, and both are set.',
  });
  assert.throws(() => environmentConfig({ S3PP_HEADERS: 'foo' }), { message: /^S3PP_HEADERS: "foo" is not of/ });
});

test('the form of a list in a variable is shown as it is set', () => {
  const hint = 'Write for example S3PP_TAGGING=owner=docs.';
  assert.throws(() => environmentConfig({ S3PP_TAGGING: 'docs' }), { name: 'UsageError', hint });
});

test('a variable that names no option is reported with similar ones, and without its value', () => {
  const warnings = (...names: string[]): readonly string[] =>
    unknownVariables(Object.fromEntries(names.map((name) => [name, 'value'])));
  assert.deepEqual(warnings('S3PP_SERVERS', 'AWS_REGION', 'S3PP'), []);
  assert.deepEqual(warnings('S3PP_REGOIN'), ['The variable S3PP_REGOIN names no option. Did you mean S3PP_REGION?']);
  assert.match(warnings('S3PP_PUT')[0] ?? '', /S3PP_MODE/);
  assert.deepEqual(warnings('S3PP_HEADERS', 'S3PP_HEADER'), []);
  assert.match(warnings('S3PP_HEADRS')[0] ?? '', /S3PP_HEADER\?/);
  assert.deepEqual(warnings('S3PP_XYZZY'), ['The variable S3PP_XYZZY names no option.']);
  assert.match(warnings('S3PP_HELP')[0] ?? '', /names no option/);
});
