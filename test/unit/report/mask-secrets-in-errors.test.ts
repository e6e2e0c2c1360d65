import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describeError } from '../../../src/action/errors.js';
import { readInputs } from '../../../src/action/inputs.js';
import { toCopyOptions, toPutOptions } from '../../../src/action/run-command.js';
import { earlySummary } from '../../../src/action/summary.js';
import { errorText } from '../../../src/cli/errors.js';
import { checkEndpointVariables } from '../../../src/config/connection-environment.js';
import { parseYaml } from '../../../src/config/yaml.js';
import { copy } from '../../../src/copy.js';
import { put } from '../../../src/put.js';
import { reportJson } from '../../../src/report/json.js';
import type { Report } from '../../../src/report/types.js';
import { uploads } from '../../../src/uploads.js';
import { runs } from '../../support/runs.js';

// With what users forget to escape, and with what ends the user, the host or the text.
const PASSWORD = fc.stringMatching(/^SECRET[/#?@:%& "'\\a[\]{}`*-]{0,6}SECRET$/);
const SCHEME = fc.constantFrom('http://', 'https://', '', 'http:/', 'HTTP:\\\\', 's3://', 'socks5://', ' http://');
/** Each makes no host that answers, so that the URL is refused or the run ends at once. */
const HOST = fc.constantFrom('@h:99999', '@h h', '@[::1', '@', '@h:x', '@h^', '%40h:99999');

const URLS = fc
  .tuple(SCHEME, fc.constantFrom('user', 'AKIAEXAMPLE', ''), PASSWORD, HOST)
  .map(([scheme, user, password, host]) => `${scheme}${user}:${password}${host}`);

/** Everything of an error that any face or a caller's log can show. */
function shownOf(error: unknown): string {
  const texts = [
    inspect(error, { depth: 10, showHidden: true }),
    errorText(error, { verbose: true }),
    JSON.stringify(describeError(error)),
  ];
  if (error instanceof Error)
    texts.push(error.stack ?? '', earlySummary(error), reportJson({} as unknown as Report, error));
  return texts.join('\n');
}

async function refused(run: () => unknown, what: string): Promise<void> {
  try {
    await run();
  } catch (error) {
    assert.doesNotMatch(shownOf(error), /SECRET/, what);
    return;
  }
  assert.fail(`${what} is taken`);
}

const account = { credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, region: 'us-east-1', maxAttempts: 1 };

test('no error of the API shows the password of a URL, in its message, its stack or its causes', async () => {
  await fc.assert(
    fc.asyncProperty(URLS, async (url) => {
      const toPut = { ...account, source: 'package.json', bucket: 'bkt', include: 'none' };
      const toCopy = { ...account, source: 's3://abc', destination: 's3://bkt' };
      await refused(() => put({ ...toPut, proxy: url }), 'proxy of a put');
      await refused(() => put({ ...toPut, endpointUrl: url }), 'endpointUrl of a put');
      await refused(() => put({ ...toPut, bucket: url }), 'bucket of a put');
      await refused(() => put({ ...toPut, source: url.startsWith('http') ? url : `http://${url}` }), 'source of a put');
      await refused(() => copy({ ...toCopy, source: url }), 'source of a copy');
      await refused(() => copy({ ...toCopy, destination: url }), 'destination of a copy');
      await refused(() => copy({ ...toCopy, sourceEndpointUrl: url }), 'sourceEndpointUrl');
      await refused(() => copy({ ...toCopy, destEndpointUrl: url }), 'destEndpointUrl');
      await refused(() => uploads({ ...account, bucket: 'bkt', proxy: url }), 'proxy of uploads');
      await refused(() => uploads({ ...account, bucket: url }), 'bucket of uploads');
    }),
    runs(40),
  );
});

test('no error about an input, a variable or a config file shows one', async () => {
  const step = { INPUT_SOURCE: 'dist', INPUT_BUCKET: 'bkt' };
  await fc.assert(
    fc.asyncProperty(URLS, async (url) => {
      await refused(() => readInputs({ ...step, 'INPUT_SITE-URL': `http://u:${url}` }), 'site-url');
      await refused(() => readInputs({ ...step, 'INPUT_SITE-URL': 'https://u:SECRET@h' }), 'site-url');
      for (const name of ['INPUT_PROXY', 'INPUT_ENDPOINT-URL', 'INPUT_BUCKET']) {
        const options = toPutOptions(readInputs({ ...step, [name]: url }).settings);
        await refused(() => put({ ...account, ...options, source: 'package.json', include: 'none' }), name);
      }
      const inputs = { INPUT_COMMAND: 'copy', INPUT_SOURCE: url, INPUT_DESTINATION: url };
      await refused(async () => copy(await toCopyOptions(readInputs(inputs).settings, async () => [])), 'copy');
      await refused(() => checkEndpointVariables({ AWS_ENDPOINT_URL: url }, undefined), 'AWS_ENDPOINT_URL');
      for (const text of [`*${url}`, `!${url}`, `@${url}`, `"${url}`, `- ${url}\nx`, `{${url}`, `%${url}\n---\n:`])
        try {
          parseYaml('c', `proxy: ${text}\n`);
          parseYaml('c', text);
        } catch (error) {
          assert.doesNotMatch(shownOf(error), /SECRET/, text);
        }
    }),
    runs(100),
  );
});
