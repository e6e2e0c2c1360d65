import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { proxyForUrl, withEnvironmentProxy } from '../../../src/config/proxy.js';
import { UsageError } from '../../../src/errors.js';

const NAMES = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]);
let before: NodeJS.ProcessEnv;
beforeEach(() => {
  before = { ...process.env };
  for (const name of NAMES) delete process.env[name];
});
afterEach(() => {
  for (const name of NAMES) delete process.env[name];
  Object.assign(process.env, before);
});

const PROXY = 'http://proxy.example.com:3128';
const S3 = 'https://site.s3.eu-west-1.amazonaws.com';

for (const [noProxy, url, proxied] of [
  ['', S3, true],
  ['amazonaws.com', S3, false],
  ['.amazonaws.com', S3, false],
  ['*.amazonaws.com', S3, false],
  ['AMAZONAWS.COM', S3, false],
  ['localhost, amazonaws.com', S3, false],
  ['s3.eu-west-1.amazonaws.com', S3, false],
  ['site.s3.eu-west-1.amazonaws.com', S3, false],
  ['*', S3, false],
  ['amazonaws.com:443', S3, false],
  ['amazonaws.com:8443', S3, true],
  ['zonaws.com', S3, true],
  ['example.com', S3, true],
  ['site.example.com', 'https://example.com', true],
  ['.minio.local', 'https://minio.local:9000', false],
  ['minio.local', 'https://minio.local:9000', false],
  ['10.0.0.5', 'https://10.0.0.5:9000', false],
  ['0.0.5', 'https://10.0.0.5:9000', true],
  ['', 'https://127.0.0.1:9000', false],
  ['', 'https://localhost:9000', false],
] as const)
  test(`NO_PROXY=${noProxy}: ${url} is reached ${proxied ? 'through the proxy' : 'without a proxy'}`, () => {
    process.env.HTTPS_PROXY = PROXY;
    process.env.NO_PROXY = noProxy;
    assert.equal(proxyForUrl(url), proxied ? PROXY : undefined);
  });

test('a variable that names no proxy is named, without its password', () => {
  for (const [value, expected] of [
    ['http://user:pa%ss@proxy:3128', /HTTPS_PROXY \(or ALL_PROXY\) "http:\/\/\*\*\*@proxy:3128" is not .* a "%".*%25/],
    ['http://user:pa%@proxy:3128', /holds a "%" that begins no escape/],
    ['socks5://proxy:1080', /^HTTPS_PROXY \(or ALL_PROXY\) "socks5:\/\/proxy:1080" is not the URL of an HTTP proxy/],
    ['https://user:pass@proxy:3128', /^HTTPS_PROXY .*"https:\/\/\*\*\*@proxy:3128" is not.*"http:\/\//],
  ] as const) {
    process.env.HTTPS_PROXY = value;
    assert.throws(
      () => withEnvironmentProxy({ bucket: 'site' }),
      (error) => {
        assert.ok(error instanceof UsageError);
        assert.match(`${error.message} ${error.hint}`, expected);
        assert.doesNotMatch(`${error.message} ${error.hint}`, /pa%|:pass/);
        return true;
      },
      value,
    );
  }
  process.env.HTTPS_PROXY = 'http://user:pa%25ss@proxy:3128';
  assert.equal(proxyForUrl(S3), 'http://user:pa%25ss@proxy:3128');
});
