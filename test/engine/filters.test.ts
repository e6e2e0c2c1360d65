import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

const TREE = { 'index.html': '<p>', 'app.js': 'a', 'app.js.gone': '{}', 'node_modules/x/a.js': 'x' };

const codes = (events: Awaited<ReturnType<typeof run>>['events']): string[] =>
  events.flatMap((event) => (event.type === 'warning' ? [event.code] : []));

describe('globs that match nothing', () => {
  it('are one warning that names them and what was probably meant', async (t) => {
    const server = await serverFor(t);
    const exclude = ["'*.gone'", 'node_modules', '*.js'];
    const ran = await run(server, { source: makeTree(t, TREE), exclude });
    assert.equal(ran.error, undefined);
    assert.deepEqual(codes(ran.events), ['filter-unmatched']);
    assert.match(ran.report.warnings[0] ?? '', /^exclude "'\*\.gone'" matched nothing\. The quotes.*write \*\.gone\./);
    assert.deepEqual(server.keys('site'), ['app.js.gone', 'index.html']);
  });

  it('are named before a run without files is refused, and before the first request', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'dist/index.html': '<p>' });
    const ran = await run(server, { source: `${source}/dist`, include: 'dist/**' });
    assert.match(String(ran.error), /holds no files/);
    assert.deepEqual(codes(ran.events), ['filter-unmatched']);
    assert.match(
      ran.report.warnings[0] ?? '',
      /include "dist\/\*\*" matched nothing\. Globs are relative.*write \*\*\.$/,
    );
    assert.deepEqual(server.requests, []);
  });

  it('are a warning for items, too', async (t) => {
    const server = await serverFor(t);
    const source = [{ key: 'docs/a', body: '1' }];
    const ran = await run(server, { source, include: ['docs', '*.html'] });
    assert.match(ran.report.warnings.join(), /^include "\*\.html" matched nothing\.$/);
  });

  it('are none where a limit ends the walk, or where all match', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, TREE);
    for (const options of [{ exclude: ['*.htm'], limit: 1 }, { exclude: ['node_modules', '*.gone'] }, {}]) {
      const ran = await run(server, { source, ...options });
      assert.deepEqual(codes(ran.events), [], JSON.stringify(options));
    }
  });
});
