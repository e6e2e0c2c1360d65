import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readArgv } from '../../../src/cli/argv.js';
import { readConfigLayers } from '../../../src/cli/config.js';
import { type Invocation, parse } from '../../../src/cli/parse.js';
import { foundFileHeaderRule, foundFileRule } from '../../../src/config/found-file.js';
import { isConfigurable } from '../../../src/config/layers.js';
import { OBJECT_HEADERS } from '../../../src/encode/header-syntax.js';
import { UsageError } from '../../../src/errors.js';
import type { FoundFileRule } from '../../../src/options/row.js';
import { CLI_FLAGS } from '../../../src/options/table.js';
import { addFiles, makeTree } from '../../support/tree.js';

// Anybody may have written a config file in the working directory: the author of an archive or a clone, another user.

const FILE = 's3-parallel-put.config.yaml';
const here = { root: '', before: process.cwd() };
const cleanups: (() => void)[] = [];
before(() => {
  here.root = makeTree(
    { after: (run) => cleanups.push(run) },
    { 'work/dist/a.html': '<p>', 'work/keys.txt': 'a\n', 'secret/key': 'k' },
  );
  symlinkSync(join(here.root, 'secret'), join(here.root, 'work/link'));
  symlinkSync(join(here.root, 'work/dist'), join(here.root, 'work/inner'));
  mkdirSync(join(here.root, 'work/secret'));
  process.chdir(join(here.root, 'work'));
});
after(() => {
  process.chdir(here.before);
  for (const run of cleanups) run();
});

type Environment = Readonly<Record<string, string>>;

async function read(argv: readonly string[], content: string, env: Environment = {}): Promise<Invocation> {
  addFiles('.', { [FILE]: content });
  try {
    const words = readArgv(argv);
    return parse(words, await readConfigLayers(words, env));
  } finally {
    rmSync(FILE);
  }
}

async function refusal(argv: readonly string[], content: string, env: Environment = {}): Promise<string | undefined> {
  try {
    await read(argv, content, env);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    return `${error.message} ${error.hint ?? ''}`;
  }
}

async function notice(argv: readonly string[], content: string, env: Environment = {}): Promise<string | undefined> {
  const invocation = await read(argv, content, env);
  assert.ok('notice' in invocation);
  return invocation.notice;
}

const NAMED = ['dist', 's3://prod/docs'];
const COPY = ['copy', 's3://a', 's3://b'];
const UPLOADS = ['uploads', 's3://prod'];

describe('each option declares what a found config file may set', () => {
  const expected: Readonly<Record<string, readonly string[]>> = {
    never: [
      ...['allowDestination', 'allowSource'],
      ...['batchJob', 'batchOperations', 'batchReports', 'batchRole'],
      ...['allowSecrets', 'copyAcl', 'delete', 'deleteAfter', 'destProfile', 'destS3cfg', 'logFile', 'maxDelete'],
      ...['maxUpdate', 'profile', 'proxy', 'queue', 'queueRun', 'reportHtml', 's3cfg', 'sourceProfile'],
    ],
    where: [
      ...['destEndpointUrl', 'destRegion', 'endpointUrl', 'forcePathStyle', 'prefix', 'region', 'requestPayer'],
      ...['secure', 'sourceEndpointUrl', 'sourceRegion', 'sseKmsKeyId', 'cloudfrontDistributionId', 'verifyUrl'],
    ],
    ownSite: ['websiteRedirect'],
    inside: ['filesFrom', 'headersFile', 'keysFile', 'prefixesFile', 'redirectsFile', 'source'],
    headers: ['headers'],
    rules: ['rules'],
    only: ['acl', 'symlinks'],
  };
  const kind = (may: FoundFileRule): string => (typeof may === 'string' ? may : 'only');
  const rows = CLI_FLAGS.filter((row) => isConfigurable(row) && row.name !== 'config' && row.name !== 'gzipType');
  const names = ['source', ...rows.map(({ name }) => name)];

  for (const [trust, wanted] of Object.entries(expected))
    test(`${trust}: ${wanted.join(', ')}`, () => {
      const found = names.filter((name) => kind(foundFileRule(name)) === trust);
      assert.deepEqual(found.sort(), [...wanted].sort());
    });

  test('in its row, and what declares nothing is never taken', () => {
    assert.deepEqual(
      rows.filter(({ foundFile }) => foundFile === undefined),
      [],
    );
    assert.equal(foundFileRule('anOptionOfTomorrow'), 'never');
    assert.equal(foundFileRule('yes'), 'never');
  });

  test('and so does each header that opens, locks, pays, encrypts or redirects', () => {
    const restricted = OBJECT_HEADERS.filter((name) => foundFileHeaderRule(name) !== 'free');
    assert.deepEqual(restricted, [
      'x-amz-acl',
      'x-amz-grant-full-control',
      'x-amz-grant-read',
      'x-amz-grant-read-acp',
      'x-amz-grant-write-acp',
      'x-amz-object-lock-event-hold',
      'x-amz-object-lock-event-hold-duration-days',
      'x-amz-object-lock-event-hold-duration-years',
      'x-amz-object-lock-legal-hold',
      'x-amz-object-lock-mode',
      'x-amz-object-lock-retain-until-date',
      'x-amz-request-payer',
      'x-amz-server-side-encryption-aws-kms-key-id',
      'x-amz-server-side-encryption-context',
      'x-amz-server-side-encryption-customer-algorithm',
      'x-amz-server-side-encryption-customer-key',
      'x-amz-server-side-encryption-customer-key-md5',
      'x-amz-website-redirect-location',
    ]);
  });
});

describe('for any command line, a found config file never sets', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['logFile: ../.bashrc', '1:10: logFile is "../.bashrc"'],
    ['mode: add\nlogFile: log', '2:10: logFile'],
    ['delete: true', '1:9: delete is true'],
    ['deleteAfter: 0s', '1:14: deleteAfter'],
    ['maxDelete: 100%', '1:12: maxDelete'],
    ['allowSecrets: true', '1:15: allowSecrets'],
    ['s3cfg: x', '1:8: s3cfg'],
    ['destS3cfg: x', '1:12: destS3cfg'],
    ['symlinks: follow', '1:11: symlinks is "follow"'],
    ['proxy: http://me:pw@h:1', '1:8: proxy is "http://***@h:1"'],
    ['profile: prod', '1:10: profile'],
    ['sourceProfile: p', '1:16: sourceProfile'],
    ['destProfile: p', '1:14: destProfile'],
    ...['public-read', 'public-read-write', 'authenticated-read', 'aws-exec-read'].flatMap(
      (acl): (readonly [string, string])[] => [
        [`acl: ${acl}`, `1:6: acl is "${acl}"`],
        [`rules:\n  - match: "*"\n    acl: ${acl}`, `3:10: Rule 1, acl is "${acl}"`],
        [`headers: {X-Amz-ACL: ${acl}}`, `1:22: headers: "X-Amz-ACL" is "${acl}"`],
        [`rules:\n  - match: a\n  - {match: b, headers: {x-amz-Acl: ${acl}}}`, '3:37: Rule 2, headers: "x-amz-Acl"'],
      ],
    ),
    ['headers: {x-amz-acl: private, x-amz-grant-read: "id=1"}', '1:49: headers: "x-amz-grant-read"'],
    ['headers: {X-AMZ-GRANT-FULL-CONTROL: "id=1"}', '1:37: headers'],
    ['headers: {x-amz-acl: " public-read"}', '1:22: headers'],
    ['headers: {x-amz-acl: Public-Read}', '1:22: headers'],
    ['headers: {x-amz-object-lock-mode: COMPLIANCE}', '1:35: headers'],
    ...[
      'https://elsewhere.example/',
      'http://elsewhere.example',
      '//elsewhere.example',
      '/\\elsewhere.example',
    ].flatMap((place): (readonly [string, string])[] => [
      [`websiteRedirect: ${place}`, '1:18: websiteRedirect'],
      [`rules:\n  - match: "*"\n    websiteRedirect: ${place}`, '3:22: Rule 1, websiteRedirect'],
      [`headers:\n  X-Amz-Website-Redirect-Location: ${place}`, '2:36: headers: "X-Amz-Website-Redirect-Location"'],
      [
        `redirects:\n  - {from: /a, to: /b}\n  - {from: /c, to: "${place.replace('\\', '\\\\')}"}`,
        '3:20: redirects[1]: to',
      ],
    ]),
    ['headers: {x-amz-server-side-encryption-customer-key: k}', '1:54: headers'],
    ['rules: [{match: "*", headers: {X-Amz-Grant-Write-Acp: "id=1"}}]', '1:55: Rule 1, headers'],
    // Ways round: aliases, escapes, JSON, other spellings of the same text.
    ['cacheControl: &a public-read\nacl: *a', '2:6: acl is "public-read"'],
    ['metadata: &m {x-amz-acl: public-read}\nheaders: *m', '1:26: headers: "x-amz-acl"'],
    ['rules: [&r {match: a}, {match: b, headers: {&k x-amz-grant-read: v}}]', 'Rule 2, headers: "x-amz-grant-read"'],
    ['"log\\u0046ile": ../.bashrc', '1:17: logFile'],
    ['{"symlinks": "fol\\u006cow"}', '1:14: symlinks is "follow"'],
    ['? logFile\n: >-\n  ../.bashrc', 'logFile is "../.bashrc"'],
  ];
  for (const [content, message] of rows)
    test(JSON.stringify(content), async () => {
      for (const argv of [[], NAMED, ['dist', '--bucket', 'b'], COPY, UPLOADS]) {
        const said = (await refusal(argv, content)) ?? '';
        assert.ok(said.startsWith(`${FILE}:`) && said.includes(message), `${argv.join(' ')}: ${said}`);
        assert.match(said, /--config s3-parallel-put\.config\.yaml/);
        assert.doesNotMatch(said, /pw/);
      }
    });

  test('not even where a flag or a variable overrides it', async () => {
    assert.match((await refusal([...NAMED, '--log-file', 'l'], 'logFile: x')) ?? '', /1:10: logFile/);
    assert.match((await refusal(NAMED, 'acl: public-read', { S3PP_ACL: 'private' })) ?? '', /1:6: acl/);
  });

  test('and cannot hold yes, which is for the command line alone, nor a key twice, nor merge keys', async () => {
    for (const content of ['yes: true', 'mode: add\nlogFile: a\nlogFile: b', '<<: {logFile: a}'])
      assert.match((await refusal(UPLOADS, content)) ?? '', /config\.yaml:\d:\d/);
  });

  const closed = ['acl: private', 'acl: bucket-owner-full-control', 'headers: {x-amz-acl: bucket-owner-read}'];
  for (const content of [...closed, 'symlinks: skip', 'rules: [{match: a, acl: private}]', 'hidden: false'])
    test(`but ${content} it may`, async () => assert.equal(await refusal(NAMED, content), undefined));

  test('and a file that --config or S3PP_CONFIG names may set each', async () => {
    for (const [content] of rows.filter(([text]) => /^(?:logFile|acl|symlinks|proxy|headers)/.test(text))) {
      assert.equal(await refusal([...NAMED, '--config', FILE], content), undefined, content);
      assert.equal(await refusal(NAMED, content, { S3PP_CONFIG: FILE }), undefined, content);
    }
  });
});

describe('where the user names the destination, a found config file does not change where it is or how it is reached', () => {
  const each: readonly (readonly [string, readonly string[]])[] = [
    ['endpointUrl: http://evil', ['--endpoint-url', 'http://mine']],
    ['region: eu-west-1', ['--region', 'us-east-1']],
    ['forcePathStyle: true', ['--no-force-path-style']],
    ['secure: false', ['--secure']],
    ['requestPayer: true', ['--no-request-payer']],
  ];
  const put: readonly (readonly [string, readonly string[]])[] = [
    ['sseKmsKeyId: theirs', ['--sse', 'aws:kms', '--sse-kms-key-id', 'mine']],
  ];
  const sides: readonly (readonly [string, readonly string[]])[] = [
    ['sourceEndpointUrl: http://evil', ['--source-endpoint-url', 'http://mine']],
    ['destEndpointUrl: http://evil', ['--dest-endpoint-url', 'http://mine']],
    ['sourceRegion: eu-west-1', ['--source-region', 'us-east-1']],
    ['destRegion: eu-west-1', ['--dest-region', 'us-east-1']],
  ];
  const commands: readonly (readonly [string, readonly string[], Environment, readonly (typeof each)[number][]])[] = [
    ['the command line names', NAMED, {}, [...each, ...put]],
    ['--bucket names', ['dist', '--bucket', 'prod'], {}, each],
    ['S3PP_BUCKET names', ['dist'], { S3PP_BUCKET: 'prod' }, each],
    ['the command line names', UPLOADS, {}, each],
    ['--bucket names', ['uploads', '--bucket', 'prod'], {}, each],
    ['the command line names', COPY, {}, [...each, ...put, ...sides]],
  ];
  for (const [who, argv, env, contents] of commands)
    for (const [content, flag] of contents)
      test(`${content} with ${[...argv, ...Object.keys(env)].join(' ')}, unless a flag overrides it`, async () => {
        const [name, value] = content.split(': ');
        const said = (await refusal(argv, `mode: add\n${content}`, env)) ?? '';
        assert.ok(said.startsWith(`${FILE}:2:${(name ?? '').length + 3}: ${name} is `), said);
        assert.ok(said.includes(String(value)) && said.includes(who), said);
        assert.match(said, /--config s3-parallel-put\.config\.yaml.*; or give --[\w-]+ yourself/);
        assert.equal(await refusal([...argv, ...flag], content, env), undefined);
        assert.equal(await refusal([...argv, '--config', FILE], content, env), undefined);
      });

  test('a variable overrides it too', async () => {
    const env = { S3PP_ENDPOINT_URL: 'http://mine' };
    assert.equal(await refusal(NAMED, 'endpointUrl: http://evil', env), undefined);
  });

  test('nor does it add a prefix to a bucket that a flag names; a URL has its own', async () => {
    assert.match((await refusal(['dist', '--bucket', 'b'], 'prefix: p')) ?? '', /1:9: prefix is "p"/);
    assert.equal(await refusal(NAMED, 'prefix: p'), undefined);
    assert.equal(await refusal(['dist', '--bucket', 'b', '--prefix', 'q'], 'prefix: p'), undefined);
  });

  test('nor by headers', async () => {
    const kms = 'headers: {x-amz-server-side-encryption-aws-kms-key-id: k}';
    assert.match((await refusal(NAMED, kms)) ?? '', /1:56: headers: "x-amz-server-side-encryption-aws-kms-key-id"/);
    assert.match((await refusal(NAMED, 'headers: {X-Amz-Request-Payer: requester}')) ?? '', /1:32: headers/);
    assert.equal(await refusal(['dist'], `bucket: b\n${kms}`), undefined);
  });

  test('but a destination from the file has its endpoint from there, also below a prefix from the command line', async () => {
    const content = 'bucket: b\nendpointUrl: http://h\nregion: r\nsecure: false\nrequestPayer: true';
    for (const argv of [['dist'], ['uploads'], ['dist', '--prefix', 'p']])
      assert.equal(await refusal(argv, content), undefined);
  });

  test('and options of other commands have no effect, so they are no error', async () => {
    assert.equal(await refusal(NAMED, 'destEndpointUrl: http://h\nkeysFile: ../k'), undefined);
    assert.equal(await refusal(UPLOADS, 'source: ../..\nsseKmsKeyId: k'), undefined);
  });
});

describe('a found config file names only paths inside the working directory', () => {
  const outside = ['..', '../secret', 'dist/../../secret', '/', 'link', 'link/key', 'link/../secret', '-'];
  for (const path of outside)
    test(`not ${path}`, async () => {
      const said = await refusal(['s3://b'], `source: ["dist", "${path}"]`);
      assert.match(said ?? '', /:1:18: source is ".*", which is not inside .*--config.* or give the source yourself/);
      assert.equal(await refusal(NAMED, `source: ["${path}"]`), undefined);
      if (path === '-') return;
      assert.equal(await refusal(['s3://b', '--config', FILE], `source: ["${path}"]`), undefined);
    });

  test('not an absolute one elsewhere, but here', async () => {
    assert.match((await refusal(['s3://b'], `source: ${here.root}`)) ?? '', /1:9: source/);
    assert.equal(await refusal(['s3://b'], `source: ${join(here.root, 'work/dist')}`), undefined);
  });

  for (const path of ['.', 'dist', './dist', 'dist/..', 'inner', '..dist', 'gone'])
    test(`but ${path}`, async () => assert.equal(await refusal(['s3://b'], `source: ${path}`), undefined));

  test('lists too, and standard input is none', async () => {
    for (const name of ['keysFile', 'prefixesFile'])
      for (const path of ['../secret/key', 'link/key', '-'])
        assert.match((await refusal(COPY, `${name}: "${path}"`)) ?? '', /1:\d+: (?:keys|prefixes)File is /);
    for (const path of ['../secret/key', 'link/key', '-'])
      assert.match((await refusal(NAMED, `filesFrom: "${path}"`)) ?? '', /1:\d+: filesFrom is /);
    assert.equal(await refusal(NAMED, 'filesFrom: list.txt'), undefined);
    assert.equal(await refusal(COPY, 'keysFile: keys.txt'), undefined);
    assert.equal(await refusal([...COPY, '--keys-file', 'keys.txt'], 'keysFile: ../secret/key'), undefined);
  });
});

describe('the line about a found config file', () => {
  const line = (what: string): string => `Using ${FILE}, which was found in the working directory: it sets ${what}.`;

  test('names what it sets as the command line spells it, and where objects go with the values', async () => {
    const content =
      'mode: add\nsource: dist\nbucket: b\nendpointUrl: http://u:p@h\nhidden: false\nsecure: false\ngzip: true';
    const said = line(
      'source "dist", --bucket "b", --endpoint-url "http://***@h", --insecure, --mode, --no-hidden, --gzip',
    );
    assert.equal(await notice([], content), said);
  });

  test('leaves out what a flag overrides, and what another command has', async () => {
    assert.equal(
      await notice([...NAMED, '--mode', 'update'], 'mode: add\nlimit: 3\nsplitAbove: 6MiB'),
      line('--limit'),
    );
    assert.match((await notice([...NAMED, '--mode', 'update'], 'mode: add')) ?? '', /: it sets nothing here\.$/);
    assert.equal(await notice(COPY, 'source: dist\nbucket: b\nfailFast: true'), line('--fail-fast'));
    assert.equal(await notice(UPLOADS, 'maxAttempts: 3\nlimit: 3'), line('--max-attempts'));
  });

  test('escapes what moves a cursor, and is short', async () => {
    const said = (await notice(['dist'], `bucket: "b\\e[2J\\n\\u202e\\u009b${'x'.repeat(1_000)}"`)) ?? '';
    assert.doesNotMatch(said, /[\p{Cc}\u202e]/u);
    assert.ok(said.length < 400, said);
  });

  test('is printed in a quiet run too, unless the file sets nothing, and the file cannot silence it', async () => {
    assert.equal(await notice([...NAMED, '-q'], 'mode: add'), line('--mode'));
    assert.equal(await notice(NAMED, 'mode: add', { S3PP_QUIET: 'true' }), line('--mode'));
    assert.equal(await notice([...NAMED, '-q', '--mode', 'add'], 'mode: stupid'), undefined);
    assert.equal(await notice(NAMED, 'quiet: true'), line('--quiet'));
    assert.equal(await notice(NAMED, 'quiet: failures'), line('--quiet=failures'));
    assert.equal(await notice([...NAMED, '-qq', '--mode', 'add'], 'mode: stupid'), undefined);
    assert.match((await notice(['dist', '-q'], 'bucket: b')) ?? '', /--bucket "b"/);
    assert.match((await notice(['s3://b', '-q'], 'source: dist')) ?? '', /source "dist"/);
  });

  test('is not there for a named file, nor without one', async () => {
    assert.equal(await notice([...NAMED, '--config', FILE], 'mode: add'), undefined);
    assert.equal(await notice(NAMED, 'mode: add', { S3PP_CONFIG: FILE }), undefined);
    const words = readArgv(NAMED);
    assert.deepEqual(
      Object.entries(parse(words, await readConfigLayers(words, {}))).find(([name]) => name === 'notice'),
      ['notice', undefined],
    );
  });
});
