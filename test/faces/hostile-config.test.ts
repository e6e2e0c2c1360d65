import assert from 'node:assert/strict';
import { rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { serverFor } from '../support/engine.js';
import { runs } from '../support/runs.js';
import { makeTree } from '../support/tree.js';
import { cli, cliTo } from './cli-process.js';

const PASSWORD = fc.stringMatching(/^SECRET[/#?@:%& "'\\a]{0,4}SECRET$/);
/** Badly written URLs, and a good one, with a password. */
const URLS = fc
  .tuple(
    fc.constantFrom('http://', 'https://', ''),
    PASSWORD,
    fc.constantFrom('@h:99999', '@[::1', '@', '@127.0.0.1:1'),
  )
  .map(([scheme, password, host]) => `${scheme}user:${password}${host}`);
const SHOWN = ['-v', '--max-attempts', '1', '--log-level', 'debug', '--json'];

describe('on the command line no password of a URL is shown', () => {
  test('whatever the option, the variable or the file', async (t) => {
    const account = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_REGION: 'us-east-1' };
    await fc.assert(
      fc.asyncProperty(URLS, async (url) => {
        const cwd = makeTree(t, {
          a: '1',
          'proxy.yaml': JSON.stringify({ proxy: url }),
          'endpoint.yaml': JSON.stringify({ endpointUrl: url }),
          's3-parallel-put.config.yaml': '# nothing\n',
          s3cfg: `access_key = a\nsecret_key = b\nhost_base = ${url}\n`,
        });
        const run = async (argv: readonly string[], env: Readonly<Record<string, string>> = {}) => {
          const { stdout, stderr, code } = await cli(argv, { cwd, env: { ...account, ...env } });
          assert.doesNotMatch(stdout + stderr, /SECRET|This is a bug/, argv.join(' '));
          return code;
        };
        const put = ['a', 's3://bkt', ...SHOWN];
        await run([...put, `--proxy=${url}`]);
        await run([...put, `--proxy=${url}`, `--proxy=${url}`]);
        await run([...put, `--proxy=${url}`, '--print-config']);
        await run([...put, '--proxy', `-${url}`]);
        await run([...put, `--insecure=${url}`]);
        await run([...put, `--endpoint-url=${url}`]);
        await run([...put, `--endpoint-url=${url}`, '--print-config']);
        await run(['a', `--bucket=${url}`]);
        await run(['a', url]);
        await run([url.startsWith('http') ? url : `http://${url}`, 's3://bkt']);
        await run([...put, '--config', 'proxy.yaml']);
        await run([...put, '--config', 'endpoint.yaml']);
        await run(['a', 's3://bkt', '--config', 'proxy.yaml', '--print-config']);
        await run(put, { S3PP_PROXY: url });
        await run(put, { S3PP_ENDPOINT_URL: url });
        await run(put, { AWS_ENDPOINT_URL: url });
        await run(put, { HTTPS_PROXY: url });
        await run(['copy', url, 's3://bkt']);
        await run(['copy', 's3://abc', url]);
        await run(['copy', 's3://abc', 's3://bkt', '--s3cfg', 's3cfg', ...SHOWN.slice(1)]);
        await run(['copy', 's3://abc', 's3://bkt', `--source-endpoint-url=${url}`, ...SHOWN.slice(1)]);
        await run(['uploads', url]);
        await run(['cp', url, 's3://bkt/x']);
        await run(['sync', 'a', url]);
        await run(['mv', `${url}.tar`, 's3://bkt/x/']);
      }),
      { ...runs(6), examples: [['user:SECRET/SECRET@[::1'], ['https://user:SECRET/SECRET@h:99999']] },
    );
  });

  test('also not where a found config file sets it', async (t) => {
    for (const url of ['user:SECRET@h:3128', 'http://user:SEC/RET@h', 'http://user:SECRET@h#']) {
      const cwd = makeTree(t, {
        a: '1',
        's3-parallel-put.config.yaml': JSON.stringify({ proxy: url, endpointUrl: url }),
      });
      for (const more of [[], ['--print-config']]) {
        const { code, stdout, stderr } = await cli(['a', 's3://bkt', ...more], { cwd });
        assert.equal(code, 2);
        assert.doesNotMatch(stdout + stderr, /SEC|RET/);
      }
    }
  });
});

test('terminal control characters of a config value are shown as escapes', async (t) => {
  const value = 'x\u001b[2J\u009b31m\u2028\u202e\u007f\u0007';
  const yaml = JSON.stringify({ cacheControl: `max-age=1${value}`, metadata: { a: value }, storageClass: value });
  const cwd = makeTree(t, {
    a: '1',
    'named.yaml': yaml,
    's3-parallel-put.config.yaml': JSON.stringify({ endpointUrl: value }),
  });
  for (const argv of [
    ['a', 's3://bkt', '--config', 'named.yaml'],
    ['a', 's3://bkt', '--config', 'named.yaml', '--print-config'],
    ['a', 's3://bkt'],
    ['a', 's3://bkt', '--print-config'],
    ['a', `s3://bkt${value}`],
    ['a', 's3://bkt', '--rules', `no${value}`],
  ]) {
    const ran = await cli(argv, { cwd });
    assert.deepEqual(
      [...(ran.stdout + ran.stderr).replaceAll('\n', '').matchAll(/[\p{Cc}\u2028\u202e]/gu)],
      [],
      argv.join(' '),
    );
  }
});

describe('hostile values of S3PP_ variables', () => {
  test('are data: a line break makes no second option, and an unknown name only warns, without its value', async (t) => {
    const server = await serverFor(t);
    const cwd = makeTree(t, { a: '1' });
    const argv = ['a', 's3://site'];
    const broken = await cliTo(server, argv, {
      cwd,
      env: { S3PP_CACHE_CONTROL: 'no-cache\r\nx-amz-acl: public-read' },
    });
    assert.equal(broken.code, 2);
    assert.match(broken.stderr, /S3PP_CACHE_CONTROL/);
    const unknown = await cliTo(server, argv, {
      cwd,
      env: { S3PP_PROXI: 'http://u:SECRET@h', S3PP___proto__: 'SECRET' },
    });
    assert.equal(unknown.code, 0);
    assert.match(unknown.stderr, /The variable S3PP_PROXI names no option\. Did you mean S3PP_PROXY/);
    assert.match(unknown.stderr, /The variable S3PP___proto__ names no option/);
    assert.doesNotMatch(unknown.stderr, /SECRET/);
  });
});

describe('a config file in the working directory that is no file', () => {
  test('is an error that names it, and no run that hangs or ignores it', async (t) => {
    const cwd = makeTree(t, { a: '1' });
    const name = path.join(cwd, 's3-parallel-put.config.yaml');
    for (const target of ['gone', 's3-parallel-put.config.yaml', '/dev/zero', '.']) {
      symlinkSync(target, name);
      const { code, stderr } = await cli(['a', 's3://bkt'], { cwd });
      assert.equal(code, 2, target);
      assert.match(stderr, /The config file s3-parallel-put\.config\.yaml in the working directory .*\n {2}Remove it/);
      rmSync(name);
    }
  });
});
