import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { withFileContents } from '../../../src/cli/copy-files.js';
import { parseS3cfg, readS3cfg } from '../../../src/cli/s3cfg.js';
import { parseList, readList } from '../../../src/config/key-list.js';

async function* input(...pieces: string[]): AsyncGenerator<Buffer> {
  for (const piece of pieces) yield Buffer.from(piece);
}

const folder = mkdtempSync(join(tmpdir(), 's3pp-copy-'));
const file = (name: string, content: string | Buffer = ''): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
after(() => rmSync(folder, { recursive: true }));

describe('a list', () => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['a\nb\n', ['a', 'b']],
    ['a\r\nb', ['a', 'b']],
    ['\ufeffa\n\n   \n# c\nb', ['a', 'b']],
    [' a b \n\tc', [' a b ', '\tc']],
    [' # d', [' # d']],
    ['a#b\nü', ['a#b', 'ü']],
    ['', []],
    ['#\n\n', []],
    ['a\0b\nc\0#d\0', ['a', 'b\nc', '#d']],
    ['\0\0', []],
  ];
  for (const [text, entries] of rows) test(JSON.stringify(text), () => assert.deepEqual(parseList(text), entries));

  test('comes from a file, or from standard input', async () => {
    assert.deepEqual(await readList('--keys-file', file('keys', 'a\nb\n'), input()), ['a', 'b']);
    assert.deepEqual(await readList('--keys-file', '-', input('a\n', 'b')), ['a', 'b']);
  });

  test('that is missing or no text is refused by its name, and one that is empty selects nothing', async () => {
    const refused = (path: string, message: RegExp, ...pieces: string[]) =>
      assert.rejects(readList('--keys-file', path, input(...pieces)), { name: 'UsageError', message });
    await refused(join(folder, 'gone'), /^--keys-file: the file ".*gone" does not exist/);
    await refused(folder, /cannot be read \(EISDIR\)/);
    assert.deepEqual(await readList('--keys-file', file('empty', '# nothing\n'), input()), []);
    await refused(file('latin', Buffer.from([0xfc])), /"\S*latin" is not UTF-8/);
  });

  test('adds to the flags', async () => {
    const files = { keysFile: '-', prefixesFile: file('prefixes', 'q\n'), s3cfg: undefined, destS3cfg: undefined };
    const options = { source: 's3://a', destination: 's3://b', key: ['k'], fromPrefix: ['p'] };
    const whole = await withFileContents({ options, files, settings: new Map() }, input('l?versionId=V\n'));
    assert.deepEqual(whole.key, ['k', { key: 'l', versionId: 'V' }]);
    assert.deepEqual(whole.fromPrefix, ['p', 'q']);
  });
});

describe('a file of s3cmd', () => {
  const KEYS = 'access_key = AK\nsecret_key = SK\n';
  const of = (text: string, secure?: boolean) => parseS3cfg('c', text, secure);

  test('gives credentials, with a token where there is one', () => {
    const account = { accessKeyId: 'AK', secretAccessKey: 'SK' };
    assert.deepEqual(of(`[default]\n${KEYS}`), {
      credentials: account,
      endpointUrl: undefined,
      region: undefined,
      pathStyle: undefined,
      proxy: undefined,
    });
    for (const text of [
      KEYS,
      '\ufeff[default]\r\naccess_key=AK\r\nsecret_key: SK\r\n',
      '# c\n; c\n[ default ]\n  access_key   =  "AK"\nSECRET_KEY=SK  \n',
      `[other]\naccess_key = X\nwhat is this\n[default]\n${KEYS}[more]\nsecret_key = Y\n`,
      `access_key = X\n[default]\n${KEYS}`,
    ])
      assert.deepEqual(of(text).credentials, account, text);
    assert.equal(of(`${KEYS}access_token = T`).credentials.sessionToken, 'T');
    assert.equal(of(`${KEYS}access_token =`).credentials.sessionToken, undefined);
    assert.equal(of('access_key = a\nsecret_key = a=%(b)s/+').credentials.secretAccessKey, 'a=%(b)s/+');
  });

  const rows: readonly (readonly [string, string | undefined, string | undefined, boolean | undefined])[] = [
    ['host_base = s3.amazonaws.com\nhost_bucket = %(bucket)s.s3.amazonaws.com', undefined, undefined, false],
    ['bucket_location = US', undefined, 'us-east-1', undefined],
    ['bucket_location = EU', undefined, 'eu-west-1', undefined],
    ['bucket_location = ap-southeast-2', undefined, 'ap-southeast-2', undefined],
    ['host_base = h:9000\nhost_bucket = h:9000\nuse_https = False', 'http://h:9000', undefined, true],
    ['host_base = h\nhost_bucket = %(bucket)s.h\nuse_https = True', 'https://h', undefined, false],
    ['host_base = h\nhost_bucket = %(bucket)s.s3.amazonaws.com', 'https://h', undefined, undefined],
    ['host_base = http://h', 'http://h', undefined, undefined],
  ];
  for (const [text, endpointUrl, region, pathStyle] of rows)
    test(JSON.stringify(text), () => {
      const { endpointUrl: url, region: where, pathStyle: style } = of(KEYS + text);
      assert.deepEqual([url, where, style], [endpointUrl, region, pathStyle]);
    });

  test('leaves http or https to the option where that is given', () => {
    assert.equal(of(`${KEYS}host_base = h\nuse_https = True`, false).endpointUrl, 'http://h');
    assert.equal(of(`${KEYS}host_base = h\nuse_https = no`, true).endpointUrl, 'https://h');
  });

  test('names a proxy by host and port, and nothing else', () => {
    assert.equal(of(`${KEYS}proxy_host = p\nproxy_port = 3128`).proxy, 'http://p:3128');
    assert.equal(of(`${KEYS}proxy_host = p\nproxy_port = 0`).proxy, undefined);
    assert.equal(of(`${KEYS}proxy_host =\nproxy_port = 1`).proxy, undefined);
  });

  test('that cannot be used is refused with file and line, and without its content', () => {
    const refused = (text: string, message: RegExp): void => {
      assert.throws(
        () => of(text),
        (error: Error & { hint?: string }) => {
          assert.equal(error.name, 'UsageError');
          assert.match(error.message, message);
          assert.doesNotMatch(`${error.message} ${error.hint}`, /TOPSECRET/);
          return true;
        },
      );
    };
    refused('\n[default]\naccess_key = TOPSECRET', /^c:2:1: The section "default" has no secret_key/);
    refused('[default]\nsecret_key = TOPSECRET\naccess_key =', /^c:3:1: .* no access_key/);
    refused('[default]\naccess_key TOPSECRET', /^c:2:1: The line is not "name = value"/);
    refused('', /^c:1:1: .* no access_key/);
    assert.throws(() => readS3cfg(join(folder, 'gone.cfg'), undefined), /gone\.cfg" does not exist/);
    assert.throws(() => readS3cfg(folder, undefined), /cannot be read \(EISDIR\)/);
    assert.throws(() => readS3cfg(file('b.cfg', Buffer.from([0xff])), undefined), /b\.cfg" is not UTF-8/);
    assert.equal(readS3cfg(file('good.cfg', KEYS), undefined).credentials.accessKeyId, 'AK');
  });
});
