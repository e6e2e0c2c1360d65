import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { configFileLayer, readRulesFile } from '../../../src/config/config-file.js';
import { valuesIn } from '../../../src/config/layers.js';
import { prepareCopyWithOrigin, preparePutWithOrigin } from '../../../src/config/locate-error.js';
import { UsageError } from '../../../src/errors.js';
import type { PutOptions } from '../../../src/options/types.js';

const folder = mkdtempSync(join(tmpdir(), 's3pp-config-'));
after(() => rmSync(folder, { recursive: true }));

function fileOf(content: string | Buffer, ending = 'yaml'): string {
  const file = join(folder, `c.${ending}`);
  writeFileSync(file, content);
  return file;
}

/** Reads a config file and checks what it holds, as a put does; what is refused comes back without the folder. */
async function refusal(content: string | Buffer): Promise<string> {
  const file = fileOf(content);
  try {
    const settings = configFileLayer(file);
    const options = { source: 'dist', bucket: 'site', ...valuesIn(settings) } as PutOptions;
    await preparePutWithOrigin(options, settings);
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    return `${error.message.replace(file, 'c')} ${error.hint ?? ''}`.trim();
  }
  assert.fail(`${content} was taken`);
}

describe('a config file holds options by their names in the API', () => {
  test('as YAML', () => {
    const text = `# what we deploy
source: dist
bucket: site
prefix: ''
limit: 3
minSize: 8KiB
hidden: no dots please
`;
    assert.throws(() => configFileLayer(fileOf(text)), /:7:9: hidden is "no dots please"; it must be true or false/);
    const settings = configFileLayer(fileOf(text.replace('no dots please', 'false')));
    const expected = { source: ['dist'], bucket: 'site', prefix: '', limit: 3, minSize: '8KiB', hidden: false };
    assert.deepEqual(valuesIn(settings), expected);
    assert.match(settings.get('limit')?.from ?? '', /c\.yaml:5$/);
  });

  test('beside $schema, which editors of JSON read', () => {
    const json = '{"$schema": "./node_modules/s3-parallel-put/config.schema.json", "bucket": "site"}';
    assert.deepEqual(valuesIn(configFileLayer(fileOf(json, 'json'))), { bucket: 'site' });
  });

  test('as JSON, tabs and escapes too', () => {
    const json = JSON.stringify(
      { bucket: 'site', gzip: ['text/css'], headers: { 'x-amz-meta-a': 'é\u2028/"\\' } },
      null,
      '\t',
    );
    assert.deepEqual(valuesIn(configFileLayer(fileOf(json, 'json'))), JSON.parse(json));
  });

  test('with aliases, and everything else as it is written', () => {
    const home = ['$', '{HOME}'].join('');
    const text = `cacheControl: &c "no-cache"\nprefix: ${home}\nrules:\n  - {match: "*", cacheControl: *c}\n`;
    assert.deepEqual(valuesIn(configFileLayer(fileOf(text))), {
      cacheControl: 'no-cache',
      prefix: home,
      rules: [{ match: '*', cacheControl: 'no-cache' }],
    });
  });

  test('or nothing', () => {
    for (const nothing of ['', '# nothing\n', '\ufeff', '---\n'])
      assert.equal(configFileLayer(fileOf(nothing)).size, 0);
  });

  test('and in a file of rules a list of them', () => {
    const { value, from } = readRulesFile(fileOf('- match: "*.html"\n  skip: true\n'), '--rules');
    assert.deepEqual(value, [{ match: '*.html', skip: true }]);
    assert.match(from, /^--rules .*c\.yaml$/);
    assert.throws(() => readRulesFile(fileOf('match: "*"'), '--rules'), /:1:1: It does not hold a list/);
    assert.throws(() => readRulesFile(fileOf(''), '--rules'), /:1:1: It is empty/);
  });
});

describe('an error in a config file names line, column and the fix', () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    // not YAML
    ['mode: add\n  bucket: x\n', /^c:\d:\d+: /],
    ['bucket: "site\n', /^c:\d:\d+: A quote is not closed\. Close the text/],
    ['mode: add\nmode: add\n', /^c:2:1: The name is given twice\. Give it once/],
    ['mode: add\n---\nmode: add\n', /^c:\d:1: The file holds several documents\. Keep one document/],
    ['mode: !!js/function "x"\n', /^c:1:7: A tag \(!name\) is not known here\. Nothing in this file is executed/],
    ['mode: !add\n', /^c:1:7: A tag/],
    ['rules:\n  - match: *.html\n', /^c:2:12: "\*\.html" is an alias.*Put quotes/],
    ['\tmode: add\n', /^c:1:1: .*[Tt]abs.*spaces/],
    ['- add\n', /^c:1:1: It does not hold options/],
    ['add\n', /^c:1:1: It does not hold options/],
    // names
    ['mode: add\nmod: add\n', /^c:2:1: Unknown option "mod"\. Did you mean mode\?/],
    ['cache-control: x\n', /^c:1:1: Unknown option "cache-control"\. Did you mean cacheControl\?/],
    ['grant: private\n', /^c:1:1: Unknown option "grant"\. Did you mean acl/],
    ['<<: {mode: add}\n', /^c:1:1: Unknown option "<<"/],
    ['__proto__: {}\n', /^c:1:1: Unknown option "__proto__"/],
    ['filter: x\n', /^c:1:1: The option "filter" cannot be given in a file\. It works in the API only/],
    ['help: true\n', /^c:1:1: The option "help" cannot be given in a file\. Give it on the command line/],
    // types
    ['prefix:\n', /^c:1:\d+: prefix has no value/],
    ['prefix: 2024\n', /^c:1:9: prefix is 2024; it must be text\. Put quotes/],
    ['bucket: ""\n', /^c:1:9: bucket is empty text/],
    ['mode: ad\n', /^c:1:7: mode is "ad"; it must be one of add, update, stupid\. Did you mean add\?/],
    ['limit: "3"\n', /^c:1:8: limit is "3"; it must be a whole number\. Leave the quotes out/],
    ['concurrency: 1.5\n', /^c:1:14: concurrency is 1\.5; it must be a whole number or auto/],
    ['maxRequestRate: fast\n', /^c:1:17: maxRequestRate is "fast"; it must be a number, such as 100 or 0\.5/],
    ['maxRequestRate: "3"\n', /^c:1:17: maxRequestRate is "3"; .*Leave the quotes out/],
    ['dryRun: yes\n', /^c:1:9: dryRun is "yes"; it must be true or false\. Write true or false\.$/],
    ['dryRun: "true"\n', /^c:1:9: dryRun is "true"; it must be true or false\. Write it without quotes\.$/],
    ['minSize: [1]\n', /^c:1:10: minSize is a list/],
    ['quiet: all\n', /^c:1:8: quiet is "all"; it must be true, false or failures\./],
    ['gzip: text/css\n', /^c:1:7: gzip is "text\/css".*\["text\/css"\]/],
    ['include:\n  - a\n  - 3\n', /^c:3:5: include holds 3.*Put quotes/],
    ['exclude: []\n', /^c:1:10: exclude is an empty list/],
    ['headers:\n  A: b\n  x-amz-meta-b: 1\n', /^c:3:17: headers: "x-amz-meta-b" is 1; it must be text\. Put quotes/],
    ['headers: {a: "1", A: "2"}\n', /^c:1:22: headers: "A" is given twice/],
    ['metadata: [a=1]\n', /^c:1:11: metadata is a list/],
    ['rules: rules.yaml\n', /^c:1:8: rules is "rules\.yaml".*--rules/],
    ['key: [a, 3]\n', /^c:1:10: key holds 3; it must hold texts/],
    ['fromPrefix: 3\n', /^c:1:13: fromPrefix is 3; it must be a text or a list of texts/],
    ['s3cfg: [a]\n', /^c:1:8: s3cfg is a list; it must be text/],
    ['logLevel: loud\n', /^c:1:11: logLevel is "loud"; it must be one of error, warning, info, debug/],
    ['destination: s3://b\n', /^c:1:1: The option "destination" cannot be given in a file\. Give it on the command/],
    ['sourceCredentials: {}\n', /^c:1:1: .* works in the API only/],
    // errors of the engine
    ['mode: add\nlimit: 0\n', /^c:2:8: limit is 0; it must be a whole number from 1/],
    ['maxRequestRate: 0\n', /^c:1:17: maxRequestRate is 0; it must be a number of requests per second above 0/],
    ['minSize: big\n', /^c:1:10: minSize: "big" is not a size/],
    ['exclude:\n  - "*.map"\n  - "[b"\n', /^c:3:5: exclude: The glob "\[b"/],
    ['headers:\n  Foo: b\n', /^c:2:8: "foo" is not a header/],
    ['metadata: {ok: "1", "no good": "x"}\n', /^c:1:32: .*not a header name/],
    ['acl: public-read\nendpointUrl: ftp://h\n', /^c:2:14: .*scheme "ftp:"/],
    ['hidden: true\nminSize: 3\nmaxSize: 2\n', /^c:2:10: minSize \(3\) is larger than maxSize \(2\)/],
    ['gzip: [text/css, css]\n', /^c:1:18: gzip: "css" is not a content type/],
    // rules
    [
      'rules:\n  - match: "*"\n    cacheContrl: x\n',
      /^c:3:5: Rule 1 has the unknown key "cacheContrl"\. Is "cacheControl" meant/,
    ],
    ['rules:\n  - match: "*"\n  - gzip: true\n', /^c:3:5: Rule 2 has no match/],
    ['rules:\n  - match: ["*", "[b"]\n', /^c:2:18: Rule 1, match: The glob "\[b"/],
    ['rules:\n  - match: "*"\n    headers: {Foo: x}\n', /^c:3:20: Rule 1, headers: "foo" is not a header/],
    ['rules:\n  - match: "*"\n    acl: public\n', /^c:3:10: Rule 1, acl: .*"public"/],
    [
      'rules:\n  - match: "*"\n    cacheControl:\n',
      /^c:3:\d+: Rule 1, cacheControl: .* has no value\. Give one, or leave/,
    ],
    ['rules:\n  - match: "*"\n    headers: {Expires: }\n', /^c:3:\d+: Rule 1, headers: .* has no value/],
    ['rules:\n  - match: {a,b}\n', /^c:2:12: Rule 1, match: it is an object/],
    ['rules: [*]\n', /^c:1:\d+: /],
  ];
  for (const [content, message] of rows)
    test(JSON.stringify(content), async () => assert.match(await refusal(content), message));

  test('aliases of aliases and bottomless lists do not fill the memory', async () => {
    const laughs = ['a: &a [1,1,1,1,1,1,1,1,1]'];
    for (const [above, name] of [...'abcdefgh'].map((letter, i) => [letter, 'bcdefghi'[i]]))
      laughs.push(`${name}: &${name} [${Array(9).fill(`*${above}`)}]`);
    assert.match(await refusal(laughs.join('\n')), /^c:\d+:\d+: .*nested too deep/);
    assert.match(await refusal('['.repeat(100_000)), /^c:1:\d+: /);
  });

  test('a file that cannot be read is refused', async () => {
    assert.match(await refusal(Buffer.from([0xff, 0xfe])), /is not UTF-8/);
    assert.match(await refusal(' '.repeat(2 ** 20 + 1)), /larger than 1 MiB/);
    assert.throws(() => configFileLayer(join(folder, 'gone.yaml')), /gone\.yaml" does not exist/);
    assert.throws(() => configFileLayer(folder), /is a directory/);
  });
});

test('an error of an option that only a copy has names its place too', async () => {
  const settings = configFileLayer(fileOf('mode: add\nsourceRegion: not a region\n'));
  const options = { source: 's3://aaa', destination: 's3://bbb', ...valuesIn(settings) };
  await assert.rejects(prepareCopyWithOrigin(options, settings), /c\.yaml:2:15: sourceRegion "not a region" is not a/);
  const given = { source: 's3://aaa', destination: 's3://bbb', splitAbove: '1KiB' };
  await assert.rejects(prepareCopyWithOrigin(given, settings), /^UsageError: splitAbove is "1KiB"/);
});
