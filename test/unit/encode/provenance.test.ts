import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type HeaderOptions, headersByOption, prepareObjectHeaders } from '../../../src/encode/object-headers.js';
import { type ExplainedHeader, explainSent, traceHeaders } from '../../../src/encode/provenance.js';
import { headersUnderRules, prepareRules } from '../../../src/encode/rules.js';
import type { Rule } from '../../../src/options/types.js';
import { globMatcher } from '../../../src/source/globs/glob.js';
import { runs } from '../../support/runs.js';

interface Case {
  readonly options?: HeaderOptions;
  readonly rules?: readonly Rule[];
  readonly preset?: Readonly<Record<string, string>>;
  readonly own?: Readonly<Record<string, string>>;
  readonly path?: string;
}

function trace({ options = {}, rules = [], preset, own, path = 'a.html' }: Case): ReturnType<typeof traceHeaders> {
  return traceHeaders({
    typeName: path,
    ...(preset !== undefined && { preset: { headers: preset, preset: 'site', why: 'because' } }),
    options: headersByOption(options),
    rules: prepareRules(rules, globMatcher).matching(path),
    own,
  });
}

/** `no-cache by rule 2, instead of a by option cacheControl`. */
function words({ value, origin, instead = [] }: ExplainedHeader): string {
  const by = (one: ExplainedHeader['origin']): string =>
    one.by === 'rule' ? `rule ${one.number}` : one.by === 'option' ? `option ${one.option}` : one.by;
  const others = instead.map((one) => `, instead of ${one.value} by ${by(one.origin)}`);
  return `${value} by ${by(origin)}${others.join('')}`;
}

const CC = 'cache-control';
const SSE = 'x-amz-server-side-encryption';
const KEY = `${SSE}-aws-kms-key-id`;

const TABLE: readonly (readonly [what: string, given: Case, name: string, expected: string | undefined])[] = [
  ['nothing gives a type but the name', {}, 'content-type', 'text/html; charset=utf-8 by name'],
  ['an option gives the type', { options: { contentType: 'a/b' } }, 'content-type', 'a/b by option contentType'],
  [
    'a rule guesses the type again',
    { options: { contentType: 'a/b' }, rules: [{ match: '*', contentType: 'guess' }] },
    'content-type',
    'text/html; charset=utf-8 by name, instead of a/b by option contentType',
  ],
  ['the preset alone', { preset: { [CC]: 'p' } }, CC, 'p by preset'],
  [
    'an option wins over the preset',
    { preset: { [CC]: 'p' }, options: { cacheControl: 'o' } },
    CC,
    'o by option cacheControl, instead of p by preset',
  ],
  [
    'an option for one header wins over the option headers',
    { options: { headers: { 'Cache-Control': 'h' }, cacheControl: 'o' } },
    CC,
    'o by option cacheControl, instead of h by option headers',
  ],
  [
    'the last rule that matches wins',
    {
      options: { cacheControl: 'o' },
      rules: [
        { match: '**', cacheControl: 'r' },
        { match: '*.html', cacheControl: 's' },
        { match: '*.js', cacheControl: 't' },
      ],
    },
    CC,
    's by rule 2, instead of o by option cacheControl, instead of r by rule 1',
  ],
  [
    'what the function returns wins over rules',
    { rules: [{ match: '**', cacheControl: 'r' }], own: { [CC]: 'f' } },
    CC,
    'f by function, instead of r by rule 1',
  ],
  [
    'grants of a rule replace an ACL of an option',
    { options: { acl: 'private' }, rules: [{ match: '*', headers: { 'x-amz-grant-read': 'id="a"' } }] },
    'x-amz-acl',
    undefined,
  ],
  [
    'another method replaces the key of the option',
    { options: { sse: 'aws:kms', sseKmsKeyId: 'k' }, rules: [{ match: '*', headers: { [SSE]: 'AES256' } }] },
    KEY,
    undefined,
  ],
  [
    'KMS after another method keeps the key of the option, because rules merge first',
    {
      options: { sse: 'aws:kms', sseKmsKeyId: 'k' },
      rules: [
        { match: '*', headers: { [SSE]: 'AES256' } },
        { match: '*', headers: { [SSE]: 'aws:kms' } },
      ],
    },
    KEY,
    'k by option sseKmsKeyId',
  ],
  ['metadata', { options: { metadata: { Team: 'docs' } } }, 'x-amz-meta-team', 'docs by option metadata'],
];

for (const [what, given, name, expected] of TABLE)
  test(`${what}: ${expected ?? `no ${name}`}`, () => {
    const found = trace(given).explained.find((one) => one.name === name);
    assert.equal(found && words(found), expected);
  });

/** What goes together. */
const GROUPS: readonly Readonly<Record<string, string>>[] = [
  { [CC]: 'a' },
  { 'x-amz-meta-a': 'a' },
  { 'content-type': 'a/a' },
  { 'x-amz-acl': 'private' },
  { 'x-amz-grant-read': 'id="a"' },
  { [SSE]: 'aws:kms', [KEY]: 'a' },
  { [SSE]: 'aws:kms:dsse' },
  { [SSE]: 'AES256' },
];
const headers = fc
  .subarray([...GROUPS], { maxLength: 2 })
  .map((groups) => Object.assign({}, ...groups) as (typeof GROUPS)[0]);
const options: fc.Arbitrary<HeaderOptions> = fc
  .record(
    {
      headers,
      cacheControl: fc.constantFrom('o', 'p'),
      contentType: fc.constantFrom('guess', 'text/x-o'),
      acl: fc.constant('private' as const),
      sse: fc.constantFrom('aws:kms' as const, 'aws:kms:dsse' as const),
      metadata: fc.constant({ a: 'o' }),
    },
    { requiredKeys: [] },
  )
  .map((given) => (given.sse === undefined ? given : { ...given, sseKmsKeyId: 'k' }));
const rules: fc.Arbitrary<Rule[]> = fc.array(
  fc.record(
    {
      match: fc.constantFrom('*.html', '**', '*.js'),
      headers,
      contentType: fc.constantFrom('guess', 'text/x-r'),
      cacheControl: fc.constantFrom('r', 's'),
    },
    { requiredKeys: ['match'] },
  ),
  { maxLength: 3 },
);

test('property: traced headers are those of a put, and the last layer that has a name gave it', () => {
  let compared = 0;
  fc.assert(
    fc.property(options, rules, fc.option(headers, { nil: undefined }), (given, list, own) => {
      let put: Readonly<Record<string, string>>;
      try {
        const ruled = prepareRules(list, globMatcher).resultFor('a.html');
        put = prepareObjectHeaders(given)('a.html', headersUnderRules(ruled, 'a.html', own));
      } catch {
        // What S3 would refuse.
        return;
      }
      compared += 1;
      const traced = trace({ options: given, rules: list, ...(own !== undefined && { own }) });
      assert.deepEqual(traced.headers, put);
      assert.deepEqual(Object.fromEntries(traced.explained.map(({ name, value }) => [name, value])), put);
      for (const { name, origin } of traced.explained) {
        const rule = list.findLast(
          ({ match, ...rest }) =>
            match !== '*.js' && (name in (rest.headers ?? {}) || (name === CC && rest.cacheControl)),
        );
        // A later layer that gives another method of encryption takes the key of those before away.
        const methods = [...list.map((one) => one.headers ?? {}), own ?? {}].filter((one) => SSE in one).length;
        if (name === KEY && methods > 1) continue;
        if (own !== undefined && name in own) assert.equal(origin.by, 'function', name);
        else if (rule !== undefined && name !== 'content-type')
          assert.deepEqual(origin, { by: 'rule', number: list.indexOf(rule) + 1, match: rule.match }, name);
      }
    }),
    runs(500),
  );
  assert.ok(compared > 100, `${compared}`);
});

test('what the bytes and the compression change is theirs', () => {
  const { explained } = trace({ options: { metadata: { a: '1' } }, path: 'LICENSE' });
  const sent = {
    'content-type': 'text/plain; charset=utf-8',
    'x-amz-meta-a': '1',
    'content-encoding': 'gzip',
    'x-amz-meta-s3pp-md5': 'x',
  };
  assert.deepEqual(
    explainSent(explained, sent).map((one) => `${one.name}: ${words(one)}`),
    [
      'content-encoding: gzip by gzip',
      'content-type: text/plain; charset=utf-8 by bytes',
      'x-amz-meta-a: 1 by option metadata',
      'x-amz-meta-s3pp-md5: x by gzip',
    ],
  );
});
