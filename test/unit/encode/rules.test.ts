import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { headersUnderRules, prepareRules, RuleError, type RuleResult, type Rules } from '../../../src/encode/rules.js';
import { FILE_PHASES } from '../../../src/model/site-phases.js';
import { CLEAN_URLS } from '../../../src/options/site-types.js';
import type { Rule } from '../../../src/options/types.js';
import { globMatcher } from '../../../src/source/globs/glob.js';

const prepare = (...rules: readonly Rule[]): Rules => prepareRules(rules, globMatcher);

const GLOBS = ['*', '*.html', 'a/**', '**/b.js', '/c', 'x?'] as const;
const PATHS = ['a/b.js', 'a/x.html', 'c', 'd/c', 'x1', 'index.html'] as const;
const NAMES = ['cache-control', 'x-amz-meta-a', 'X-Amz-Meta-A', 'content-language'] as const;

const ruleOf: fc.Arbitrary<Rule> = fc
  .record(
    {
      match: fc.oneof(fc.constantFrom(...GLOBS), fc.array(fc.constantFrom(...GLOBS), { minLength: 1, maxLength: 3 })),
      headers: fc.dictionary(fc.constantFrom(...NAMES), fc.constantFrom('a', 'de', 'en')),
      contentType: fc.constantFrom('text/x-a', 'text/x-b', 'guess'),
      cacheControl: fc.constantFrom('no-store', 'no-cache'),
      acl: fc.constantFrom('private', 'public-read'),
      compression: fc.constantFrom<Pick<Rule, 'gzip' | 'compress'>>(
        { gzip: true },
        { gzip: false },
        { gzip: 'all' },
        { gzip: ['text/css'] },
        { compress: 'br' },
        { compress: 'gzip' },
        { compress: false },
      ),
      skip: fc.boolean(),
      phase: fc.constantFrom(...FILE_PHASES),
      cleanUrls: fc.constantFrom(...CLEAN_URLS, false as const),
      optional: fc.boolean(),
    },
    { requiredKeys: ['match'] },
  )
  .map(({ compression, ...rule }) => ({ ...rule, ...compression }));

function merged(parts: readonly RuleResult[]): RuleResult {
  return parts.reduce((below, above) => ({
    headers: { ...below.headers, ...above.headers },
    skip: above.skip,
    ...(above.gzip === undefined && above.compress === undefined
      ? { gzip: below.gzip, compress: below.compress }
      : { gzip: above.gzip, compress: above.compress }),
    phase: above.phase ?? below.phase,
    cleanUrls: above.cleanUrls ?? below.cleanUrls,
  }));
}

describe('rules merge', () => {
  test('in their order: all together give what one after the other gives', () => {
    fc.assert(
      fc.property(fc.array(ruleOf, { minLength: 1, maxLength: 6 }), fc.constantFrom(...PATHS), (rules, path) => {
        const fitting = rules.filter((rule) => [rule.match].flat().some((glob) => globMatcher(glob)(path)));
        const { headers, gzip, compress, phase, cleanUrls } = prepare(...rules).resultFor(path);
        const expected = merged([
          { headers: {}, skip: false, gzip: undefined, compress: undefined, phase: undefined, cleanUrls: undefined },
          ...fitting.map((rule) => prepare(rule).resultFor(path)),
        ]);
        assert.deepEqual(
          { headers, gzip, compress, phase, cleanUrls },
          {
            headers: expected.headers,
            gzip: expected.gzip,
            compress: expected.compress,
            phase: expected.phase,
            cleanUrls: expected.cleanUrls,
          },
        );
        assert.equal(
          prepare(...rules).resultFor(path).skip,
          fitting.findLast(({ skip }) => skip !== undefined)?.skip ?? false,
        );
      }),
    );
  });

  test('so that a rule which does not match changes nothing, and a rule given twice no more than once', () => {
    fc.assert(
      fc.property(fc.array(ruleOf, { maxLength: 4 }), ruleOf, fc.constantFrom(...PATHS), (rules, extra, path) => {
        const before = prepare(...rules).resultFor(path);
        assert.deepEqual(prepare(...rules, { ...extra, match: 'nothing.here' }).resultFor(path), before);
        assert.deepEqual(prepare(...rules, extra, extra).resultFor(path), prepare(...rules, extra).resultFor(path));
      }),
    );
  });

  test('the same for every path that the same rules match, in any order of paths', () => {
    fc.assert(
      fc.property(fc.array(ruleOf, { maxLength: 5 }), fc.shuffledSubarray([...PATHS]), (rules, paths) => {
        const all = prepare(...rules);
        for (const path of paths) assert.deepEqual(all.resultFor(path), prepare(...rules).resultFor(path));
      }),
    );
  });

  test('header by header, names in any case; a named key overrides headers of its own rule only', () => {
    const rules = prepare(
      { match: '*', headers: { 'Cache-Control': 'a', 'X-Amz-Meta-A': '1' }, cacheControl: 'b' },
      { match: '*.html', headers: { 'cache-control': 'c' } },
    );
    assert.deepEqual(rules.resultFor('x.js').headers, { 'cache-control': 'b', 'x-amz-meta-a': '1' });
    assert.deepEqual(rules.resultFor('x.html').headers, { 'cache-control': 'c', 'x-amz-meta-a': '1' });
  });

  test('but an ACL and grants replace one another', () => {
    const grants = { 'x-amz-grant-read': 'id=1', 'x-amz-grant-read-acp': 'id=1' };
    const rules = prepare({ match: '*', headers: grants }, { match: '*.a', acl: 'private' });
    assert.deepEqual(rules.resultFor('x').headers, grants);
    assert.deepEqual(rules.resultFor('x.a').headers, { 'x-amz-acl': 'private' });
  });

  test('with skip and gzip of the last one', () => {
    const rules = prepare(
      { match: 'a/**', skip: true, gzip: true },
      { match: 'keep', skip: false, gzip: ['TEXT/CSS'] },
    );
    assert.deepEqual(
      [rules.resultFor('a/x').skip, rules.resultFor('a/keep').skip, rules.resultFor('x').skip],
      [true, false, false],
    );
    assert.deepEqual(
      [rules.resultFor('a/x').gzip, rules.resultFor('keep').gzip, rules.resultFor('x').gzip],
      [true, ['text/css'], undefined],
    );
  });
});

describe('a rule matches', () => {
  const rows: readonly (readonly [Rule['match'], string, boolean])[] = [
    ['*.html', 'a/b.html', true],
    ['/*.html', 'a/b.html', false],
    ['a', 'a/b/c', true],
    ['a/**', 'a/b', true],
    [['*.css', '*.js'], 'x.js', true],
    [['*.css', '*.js'], 'x.html', false],
    ['[id].html', '[id].html', true],
  ];
  for (const [match, path, expected] of rows) {
    test(`${JSON.stringify(match)} ${expected ? 'takes' : 'leaves'} ${path}`, () => {
      assert.equal(prepare({ match, skip: true }).resultFor(path).skip, expected);
    });
  }
});

test('rules that matched no path are reported by number and match', () => {
  const rules = prepare({ match: '*.html' }, { match: ['*.gone', 'x'] }, { match: '*.js' });
  assert.equal(rules.unmatched().length, 3);
  rules.resultFor('a.html');
  rules.resultFor('b.html');
  rules.resultFor('c.js');
  assert.deepEqual(rules.unmatched(), [{ number: 2, match: ['*.gone', 'x'] }]);
  assert.deepEqual(prepareRules(undefined, globMatcher).unmatched(), []);
});

test('a rule that is optional is not reported where it matched nothing', () => {
  const rules = prepare({ match: '*.gone', optional: true }, { match: '*.html', optional: false });
  assert.deepEqual(rules.unmatched(), [{ number: 2, match: '*.html' }]);
});

test('the phase of a file is that of the last rule that sets one', () => {
  const rules = prepare(
    { match: '*.json', phase: 'pages' },
    { match: 'data/**', phase: 'data' },
    { match: '**', cacheControl: 'no-cache' },
  );
  assert.deepEqual(
    ['app.json', 'data/app.json', 'app.js'].map((path) => rules.resultFor(path).phase),
    ['pages', 'data', undefined],
  );
});

describe('headers of rules', () => {
  const ruled = (...rules: readonly Rule[]): RuleResult => prepare(...rules).resultFor('x.css');

  test("lie under the item's own, in whatever case those are written", () => {
    const own = { 'CACHE-CONTROL': 'own' };
    const headers = { 'Cache-Control': 'rule', 'x-amz-meta-a': '1' };
    assert.deepEqual(headersUnderRules(ruled({ match: '*', headers }), 'x.css', own), {
      'cache-control': 'own',
      'x-amz-meta-a': '1',
    });
    const grant = { 'x-amz-grant-read': 'id=1' };
    assert.deepEqual(headersUnderRules(ruled({ match: '*', acl: 'private' }), 'x.css', grant), grant);
  });

  test('are nothing where no rule gives any', () => {
    assert.equal(headersUnderRules(ruled({ match: '*.html', cacheControl: 'a' }), 'x.css', undefined), undefined);
  });

  test('can go back to the content type that the key has', () => {
    const guess = ruled({ match: '*', contentType: 'text/plain' }, { match: '*.css', contentType: 'guess' });
    assert.deepEqual(headersUnderRules(guess, 'y.svg', undefined), { 'content-type': 'image/svg+xml' });
  });
});

describe('rules that cannot work are refused by number and key', () => {
  const rows: readonly (readonly [unknown, readonly (string | number)[], RegExp])[] = [
    [{}, [], /rules is an object; it must be a list/],
    [[{ match: '*' }, 3], [1], /Rule 2 is 3/],
    [[null], [0], /Rule 1 is empty/],
    [[{ match: '*', cacheContrl: 'x' }], [0, 'cacheContrl'], /Rule 1.*"cacheContrl".*Is "cacheControl" meant/],
    [[{ match: '*', cache_control: 'x' }], [0, 'cache_control'], /Is "cacheControl" meant/],
    [[{ match: '*', zzz: 'x' }], [0, 'zzz'], /Keys of a rule are: match/],
    [[{ gzip: true }], [0, 'match'], /Rule 1 has no match/],
    [[{ match: [] }], [0, 'match'], /Rule 1, match: it is an empty list/],
    [[{ match: ['a', '[b'] }], [0, 'match', 1], /Rule 1, match: The glob "\[b"/],
    [[{ match: '!a' }], [0, 'match'], /negated/],
    [[{ match: '*', headers: ['a'] }], [0, 'headers'], /Rule 1, headers: it is a list/],
    [[{ match: '*', headers: { Foo: 'x' } }], [0, 'headers', 'Foo'], /"foo" is not a header/],
    [[{ match: '*', headers: { Expires: 0 } }], [0, 'headers', 'Expires'], /"expires" is number/],
    [[{ match: '*', contentType: 'html' }], [0, 'contentType'], /Rule 1, contentType: .*"html"/],
    [[{ match: '*', cacheControl: 3 }], [0, 'cacheControl'], /Rule 1, cacheControl/],
    [[{ match: '*', acl: 'public' }], [0, 'acl'], /Rule 1, acl: .*"public".*public-read/],
    [[{ match: '*', acl: 'private', headers: { 'x-amz-grant-read': 'id=1' } }], [0], /exclude each other/],
    [[{ match: '*', gzip: ['css'] }], [0, 'gzip'], /Rule 1: gzip: "css" is not a content type/],
    [
      [{ match: '*' }, { match: '*', phase: 'page' }],
      [1, 'phase'],
      /Rule 2: phase "page" is unknown\..*Did you mean pages\? It must be one of: assets, data, pages/,
    ],
    [[{ match: '*', phase: true }], [0, 'phase'], /Rule 1: phase "true" is unknown/],
    [[{ match: '*', optional: 'yes' }], [0, 'optional'], /Rule 1: optional is "yes"; it must be true or false/],
    [[{ match: '*', skip: 'yes' }], [0, 'skip'], /Rule 1: skip is "yes"; it must be true or false/],
  ];
  for (const [rules, path, tells] of rows) {
    test(JSON.stringify(rules), () => {
      assert.throws(
        () => prepareRules(rules as readonly Rule[], globMatcher),
        (error) => {
          assert.ok(error instanceof RuleError, String(error));
          assert.equal(error.name, 'UsageError');
          assert.deepEqual(error.path, path);
          assert.match(`${error.message} ${error.hint ?? ''}`, tells);
          return true;
        },
      );
    });
  }

  test('while a KMS key without its method is valid: an option may set the method', () => {
    const headers = { 'x-amz-server-side-encryption-aws-kms-key-id': 'k' };
    assert.deepEqual(prepare({ match: '*', headers }).resultFor('x').headers, headers);
  });

  test('but where nothing else can set the method, a KMS key alone is refused with its place', () => {
    const [KEY, SSE] = ['X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id', 'x-amz-server-side-encryption'] as const;
    const rules = (...methods: readonly string[]): readonly Rule[] => [
      ...methods.map((method) => ({ match: '*', headers: { [SSE]: method } })),
      { match: '*.js', headers: { [KEY]: 'k' } },
    ];
    for (const methods of [[], ['AES256']]) {
      assert.throws(
        () => prepareRules(rules(...methods), globMatcher, false),
        (error) => {
          assert.ok(error instanceof RuleError, String(error));
          assert.deepEqual(error.path, [methods.length, 'headers', KEY]);
          assert.ok(error.message.includes(KEY) && !error.message.includes('sseKmsKeyId'), error.message);
          return true;
        },
      );
    }
    prepareRules(rules('aws:kms'), globMatcher, false);
  });
});
