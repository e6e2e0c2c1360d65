import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { accountOf, assertNoStack, type CliOptions, type CliRun, cli } from './cli-process.js';

// Config files, files of rules and S3PP_ variables, as a process of its own sees them.

const SITE = { 'dist/index.html': '<p>', 'dist/app.js': 'let a', 'dist/app.js.txt': '{}' };
const CONFIG = `source: dist
bucket: s3://site/docs
exclude: "*.txt"
rules:
  - match: "*.html"
    cacheControl: no-cache
`;

describe('a config file', { concurrency: 4 }, () => {
  test('found in the working directory is all that a put needs', async (t) => {
    const server = await serverFor(t);
    const files = { ...SITE, 's3-parallel-put.config.yaml': `${CONFIG}endpointUrl: ${server.url}\n` };
    const ran = await cli([], { cwd: makeTree(t, files), env: accountOf(server), ownProcess: true });
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(server.keys('site'), ['docs/app.js', 'docs/index.html']);
    assert.equal(server.object('site', 'docs/index.html')?.headers['cache-control'], 'no-cache');
    assert.equal(server.object('site', 'docs/app.js')?.headers['cache-control'], undefined);
  });

  test('gives way to variables, and those to flags', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, {
      ...SITE,
      'deploy/one.json': JSON.stringify({ source: 'dist', bucket: 'site', prefix: 'file', limit: 1 }),
    });
    const env = { ...accountOf(server), S3PP_ENDPOINT_URL: server.url, S3PP_CONFIG: 'deploy/one.json' };
    const put = (argv: readonly string[], more: Readonly<Record<string, string>>) =>
      cli(argv, { cwd, env: { ...env, ...more } });
    await put([], {});
    await put([], { S3PP_PREFIX: 'variable', S3PP_INCLUDE: '*.html\n*.txt', S3PP_LIMIT: '9' });
    await put(['--prefix', 'flag', '--exclude', '*.html'], { S3PP_INCLUDE: '*.html', S3PP_LIMIT: '9' });
    const keys = ['file/app.js', 'flag/app.js', 'flag/app.js.txt', 'variable/app.js.txt', 'variable/index.html'];
    assert.deepEqual(server.keys('site'), keys);
  });

  test('is a choice to make where there are two, and --config makes it', async (t) => {
    const files = {
      ...SITE,
      's3-parallel-put.config.yaml': 'mode: add\n',
      's3-parallel-put.config.json': '{"mode": "update"}',
    };
    const cwd = makeTree(t, files);
    const ran = await cli(['dist', 's3://site'], { cwd });
    assert.equal(ran.code, 2);
    assert.match(
      ran.stderr,
      /two config files here: s3-parallel-put\.config\.yaml and s3-parallel-put\.config\.json\.\n .*--config/,
    );
    const chosen = await cli(['--config', 's3-parallel-put.config.json', '--print-config'], { cwd });
    assert.match(chosen.stdout, /^mode: "update" # s3-parallel-put\.config\.json:1$/m);
  });

  test('that is wrong exits with 2 and names file, line, column and fix, and options as the file does', async (t) => {
    const cwd = makeTree(t, {
      ...SITE,
      'c.yaml': 'mode: add\nminSize: big\n',
      'r.yaml': '- match: "*"\n  cachControl: x\n',
      'v.yaml': 'verbose: true\nquiet: true\n',
      'd.yaml': 'check: true\ndryRun: false\n',
      'h.yaml': 'secure: false\nendpointUrl: https://x\n',
      'k.yaml': '- match: "*"\n  headers:\n    x-amz-server-side-encryption-aws-kms-key-id: k\n',
    });
    const rows: readonly (readonly [readonly string[], Readonly<Record<string, string>>, RegExp])[] = [
      [['--config', 'c.yaml'], {}, /^s3-parallel-put: c\.yaml:2:10: minSize: "big" is not a size\.\n {2}\S/],
      [
        ['--rules', 'r.yaml'],
        {},
        /^s3-parallel-put: r\.yaml:2:3: Rule 1 .*"cachControl"\.\n {2}Is "cacheControl" meant/,
      ],
      [[], { S3PP_RULES: 'r.yaml' }, /^s3-parallel-put: r\.yaml:2:3: /],
      [['--config', 'v.yaml'], {}, /: v\.yaml:2:8: verbose: true and quiet: true contradict each other\./],
      [['--config', 'd.yaml'], {}, /: d\.yaml:2:9: check: true and dryRun: false contradict each other\./],
      [
        ['--config', 'h.yaml'],
        {},
        /: h\.yaml:2:14: secure: false and an https:\/\/ endpoint .*\n {2}Leave secure: false/,
      ],
      [['--insecure'], { S3PP_ENDPOINT_URL: 'https://x' }, /S3PP_ENDPOINT_URL: --insecure and an https:\/\/ endpoint/],
      [['--rules', 'k.yaml'], {}, /^s3-parallel-put: k\.yaml:3:50: Rule 1, headers: "x-amz-.*" names a KMS key/],
      [['--rules', 'gone.yaml'], {}, /"gone\.yaml" does not exist/],
      [[], { S3PP_RULES: 'gone.yaml' }, /^s3-parallel-put: S3PP_RULES: The file "gone\.yaml" does not exist/],
      [[], { S3PP_CONFIG: 'gone.yaml' }, /^s3-parallel-put: S3PP_CONFIG: The file "gone\.yaml" does not exist/],
      [[], { S3PP_MIN_SIZE: 'big' }, /^s3-parallel-put: S3PP_MIN_SIZE: /],
      [[], { S3PP_DRY_RUN: 'yes' }, /^s3-parallel-put: S3PP_DRY_RUN is "yes"; it must be true or false, or 1 or 0/],
    ];
    for (const [argv, env, message] of rows) {
      const ran = await cli([...argv, 'dist', 's3://site'], { cwd, env });
      assert.deepEqual([ran.code, ran.stdout], [2, ''], ran.stderr);
      assert.match(ran.stderr, message);
      assertNoStack(ran);
    }
  });

  test('does not keep help, version and completion from answering', async (t) => {
    const cwd = makeTree(t, { 's3-parallel-put.config.yaml': '[' });
    for (const argv of [['--help'], ['--version'], ['completion', 'bash']])
      assert.equal((await cli(argv, { cwd, env: { S3PP_LIMIT: 'x' } })).code, 0, argv.join(' '));
  });
});

describe('--rules', () => {
  test('reads YAML or JSON, and replaces the rules of the config file', async (t) => {
    const server = await serverFor(t);
    const rules = [
      { match: '*.js', headers: { 'Content-Language': 'de' } },
      { match: '*.gone', skip: true },
    ];
    const files = { ...SITE, 's3-parallel-put.config.yml': CONFIG, 'rules.json': JSON.stringify(rules, null, '\t') };
    const argv = ['--rules', 'rules.json', '--endpoint-url', server.url];
    const ran = await cli(argv, { cwd: makeTree(t, files), env: accountOf(server) });
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(server.object('site', 'docs/index.html')?.headers['cache-control'], undefined);
    assert.equal(server.object('site', 'docs/app.js')?.headers['content-language'], 'de');
    assert.match(ran.stderr, /No file was matched by rule 2 \(match "\*\.gone"\)/);
  });
});

describe('an unknown S3PP_ variable', { concurrency: 4 }, () => {
  const run = (env: Readonly<Record<string, string>>, options: CliOptions = {}): Promise<CliRun> =>
    cli(['--print-config'], { ...options, env });

  test('is a warning that names near ones, and not its value', async () => {
    const ran = await run({ S3PP_REGOIN: 'secret', S3PP_SERVERS: 'x' });
    assert.equal(ran.code, 0);
    assert.equal(
      ran.stderr,
      's3-parallel-put: warning: The variable S3PP_REGOIN names no option. Did you mean S3PP_REGION?\n',
    );
  });

  test('is reported beside an error that it may explain, and not with -qq', async (t) => {
    const cwd = makeTree(t, SITE);
    const env = { S3PP_BUKET: 'site' };
    const missing = await cli(['dist'], { cwd, env });
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /S3PP_BUCKET\?\n.*No bucket is given/);
    const argv = ['-n', '--put', 'stupid', 'dist', 's3://site'];
    const quiet = await cli(['-q', ...argv], { cwd, env });
    assert.equal(quiet.code, 0);
    assert.match(quiet.stderr, /S3PP_BUCKET\?\nWould upload \d files?, .*\n$/);
    const silent = await cli(['-qq', ...argv], { cwd, env });
    assert.deepEqual([silent.code, silent.stderr], [0, '']);
  });
});

describe('--print-config', () => {
  test('prints nothing that a run would refuse', async (t) => {
    const cwd = makeTree(t, { 'c.yaml': 'limit: 0\n', 's.yaml': 'source: s3://site\n' });
    const rows: readonly (readonly [readonly string[], RegExp])[] = [
      [['--limit', '0'], /^s3-parallel-put: --limit is 0; /],
      [['--config', 'c.yaml'], /^s3-parallel-put: c\.yaml:1:8: limit is 0; /],
      [['--config', 's.yaml'], /"s3:\/\/site" is a bucket/],
      [['--sse-kms-key-id', 'k'], /names a KMS key/],
      [['--insecure', '--endpoint-url', 'https://x'], /contradict/],
    ];
    for (const [argv, message] of rows) {
      const ran = await cli([...argv, '--print-config'], { cwd });
      assert.deepEqual([ran.code, ran.stdout], [2, ''], argv.join(' '));
      assert.match(ran.stderr, message);
    }
  });

  test('prints every option in force and where it comes from, makes no request and needs no destination', async (t) => {
    const server = await serverFor(t);
    const files = { ...SITE, 's3-parallel-put.config.yaml': CONFIG };
    const env = { ...accountOf(server), S3PP_LIMIT: '5', S3PP_ENDPOINT_URL: server.url };
    const ran = await cli(['--print-config', '--put', 'add', '--include', 'x'], { cwd: makeTree(t, files), env });
    assert.deepEqual([ran.code, ran.stderr], [0, '']);
    for (const line of [
      'source: ["dist"] # s3-parallel-put.config.yaml:1 (found, not named)',
      'bucket: "s3://site/docs" # s3-parallel-put.config.yaml:2 (found, not named)',
      'include: ["x"] # --include',
      '# exclude: none (default)',
      'limit: 5 # S3PP_LIMIT',
      'mode: "add" # --put',
      'hidden: true # default',
      'rules: [{"match":"*.html","cacheControl":"no-cache"}] # s3-parallel-put.config.yaml:4 (found, not named)',
      '# config: "s3-parallel-put.config.yaml" # found in the working directory',
    ])
      assert.ok(ran.lines.includes(line), `${line}\n${ran.stdout}`);
    assert.equal(server.requests.length, 0);
    assert.ok(!ran.stdout.includes(server.secretAccessKey));
    assert.match((await cli(['--print-config'])).stdout, /^# bucket: not given$/m);
    assert.match((await cli(['--print-config', '--check'])).stdout, /^dryRun: true # --check$/m);
  });

  test('masks secrets in URLs and in headers', async () => {
    const header = 'x-amz-server-side-encryption-customer-key: c2VjcmV0';
    const redirect = 'x-amz-website-redirect-location: https://h/p?a=1&X-Amz-Signature=c2VjcmV0&b=2';
    const ran = await cli(['--header', header, '--header', redirect, '--print-config']);
    assert.match(ran.stdout, /X-Amz-Signature=\*\*\*&b=2/);
    assert.doesNotMatch(ran.stdout, /c2VjcmV0/);
    // A run refuses it.
    const refused = await cli(['--endpoint-url', 'https://user:c2VjcmV0@host', '--print-config']);
    assert.match(refused.stderr, /endpoint-url "https:\/\/\*\*\*@host" must have no user/);
    assert.doesNotMatch(refused.stdout + refused.stderr, /c2VjcmV0/);
  });

  test('prints what a config file takes', async (t) => {
    const files = { ...SITE, 'a.yaml': `${CONFIG}gzip: [text/css]\nmetadata: {a: "1"}\n` };
    const cwd = makeTree(t, files);
    const printed = await cli(['--config', 'a.yaml', '--print-config'], { cwd });
    const again = await cli(['--config', 'b.yaml', '--print-config'], {
      cwd: makeTree(t, { ...SITE, 'b.yaml': printed.stdout }),
    });
    const values = (text: string): string[] => text.split('\n').map((line) => line.replace(/ # .*| \(default\)$/, ''));
    assert.equal(again.code, 0, again.stderr);
    assert.deepEqual(values(again.stdout).slice(0, -2), values(printed.stdout).slice(0, -2));
  });
});
