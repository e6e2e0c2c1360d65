import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectedOf } from '../conformance/expectations/expected.js';
import { action, inputsFor } from '../faces/action-process.js';
import { onServer } from '../support/target.js';
import { makeTree } from '../support/tree.js';
import { serversUnderTest } from './endpoints.js';

for (const { name, ...endpoint } of serversUnderTest()) {
  test(`the Action puts, puts nothing twice, copies and reports what failed, on ${name}`, async (t) => {
    const target = await onServer(name, endpoint)(t);
    const workspace = makeTree(t, {
      'dist/index.html': '<h1>site</h1>',
      'dist/a.css': 'body {}',
      'dist/big.bin': Buffer.alloc(20 * 1024 * 1024, 'x'),
    });
    const inputs = { ...inputsFor(endpoint), source: 'dist', bucket: `s3://${target.bucket}/docs` };
    const first = await action(t, { ...inputs, 'cache-control': 'max-age=60' }, { workspace });
    assert.equal(first.code, 0, first.log);
    assert.deepEqual([first.outputs.put, first.outputs.changed], ['3', 'true']);
    assert.equal((await target.object('docs/a.css'))?.headers['cache-control'], 'max-age=60');
    const again = await action(t, inputs, { workspace });
    assert.deepEqual([again.code, again.outputs.put, again.outputs.changed], [0, '0', 'false']);

    const copy = {
      command: 'copy',
      source: `s3://${target.bucket}/docs/*`,
      destination: `s3://${target.bucket}/copied`,
    };
    const copied = await action(t, { ...inputsFor(endpoint), ...copy });
    assert.equal(copied.code, 0, copied.log);
    assert.equal(copied.outputs.copied, '3');
    assert.equal(await target.text('copied/a.css'), 'body {}');

    const missing = await action(t, {
      ...inputsFor(endpoint),
      ...copy,
      key: 'index.html\nno-such-key',
      source: `s3://${target.bucket}/docs`,
      destination: `s3://${target.bucket}/some`,
    });
    assert.equal(missing.code, 1);
    assert.deepEqual([missing.outputs.copied, missing.outputs.failed], ['1', '1']);
    assert.match(missing.log, /no-such-key does not exist/);

    const wrong = await action(t, { ...inputs, 'aws-secret-access-key': 'not-the-secret-key' }, { workspace });
    assert.equal(wrong.code, 1);
    const [ending = ''] = expectedOf(name, 'a wrong secret ends the run');
    const refusal = ending.split(' ').at(-1) ?? '';
    assert.ok(
      wrong.commands.some(({ name: command, text }) => command === 'error' && text.includes(refusal)),
      wrong.log,
    );
  });
}
