import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { code, codeSpan, prose } from '../../../src/action/markdown.js';
import { summarizeOutcomes } from '../../../src/action/outcome-summary.js';
import { summaryMarkdown } from '../../../src/action/summary.js';
import { changeLine } from '../../../src/action/summary-sections.js';
import { anyCharacter } from '../../support/characters.js';
import { runs } from '../../support/runs.js';
import { failed, HOSTILE, put, reportOf } from './samples.js';

const LIMIT = 1_000_000;

function summaryOf(
  names: readonly string[],
  more: { readonly dryRun?: boolean; readonly copies?: number } = {},
): string {
  const { dryRun = false, copies = 1 } = more;
  const all = summarizeOutcomes();
  for (let copy = 0; copy < copies; copy += 1)
    for (const name of names) {
      all.add(put(name, { reason: copy % 2 === 0 ? 'new' : name, way: name }));
      all.add(failed(name, name, { message: name, hint: name }));
    }
  return summaryMarkdown({
    doing: 'put',
    bucket: names[0] ?? 'b',
    prefix: names.join(''),
    url: names[0],
    outcomes: all.summary(),
    report: reportOf({ counts: { put: names.length, fail: names.length }, warnings: names }),
    error: new Error(names.join('')),
    dryRun,
    reportPath: names.join(''),
  });
}

/** Text outside of fences and of what is code; there must be none of a name's own markup in it. */
function checkForm(text: string): void {
  const lines = text.split('\n');
  const fences = lines.filter((line) => /^ {0,3}(```|~~~)/.test(line));
  assert.equal(fences.length % 2, 0);
  fences.forEach((line, index) => {
    assert.match(line, index % 2 === 0 ? /^```(diff|mermaid)$/ : /^```$/);
  });
  let inFence = false;
  const outside = lines.filter((line, index) => {
    if (line.startsWith('```')) inFence = !inFence;
    return !inFence && index > 0 && !line.startsWith('```');
  });
  const tags = outside.join('\n').matchAll(/<([^>]*)>/g);
  for (const [, tag] of tags)
    assert.match(
      tag ?? '',
      /^(\/?(ul|li|p|strong|code|span|table|tr|th|td|details|summary|a)|br|a href="https?:[^"]*")$/,
    );
  const bare = outside.join('\n').replaceAll(/<code>.*?<\/code>|<a .*?<\/a>|<span>.*?<\/span>/g, '');
  assert.doesNotMatch(bare, /[@#]|https?:\/\/|www\./);
  for (const tag of ['details', 'ul', 'table', 'p', 'code', 'span'])
    assert.equal(bare.split(`<${tag}>`).length, bare.split(`</${tag}>`).length, tag);
}

for (const name of HOSTILE)
  test(`a name forges nothing: ${JSON.stringify(name.slice(0, 40))}`, () => {
    checkForm(summaryOf([name]));
    checkForm(summaryOf([name], { dryRun: true }));
  });

test('names as they are shown', () => {
  assert.equal(code('</details><script>"\''), '<code>&lt;/details&gt;&lt;script&gt;&quot;&apos;</code>');
  assert.equal(code('a|b`c'), '<code>a|b`c</code>');
  assert.equal(code('a\nb\u202e\u200b\ud800'), '<code>a\\nb\\u202e\\u200b\\ud800</code>');
  assert.equal(code('🎉🎉', 3), '<code>🎉…</code>');
  assert.equal(codeSpan('a`b', 100), '`a\\x60b`');
  assert.equal(prose('ask @org/team about #12'), 'ask <span>@</span>org/team about <span>#</span>12');
  assert.equal(
    prose('see https://x.example, www.x.example'),
    'see https<span>:</span>//x.example, <span>www</span>.x.example',
  );
  assert.equal(prose('s3://bucket/a: AccessDenied (403)'), 's3://bucket/a: AccessDenied (403)');
  assert.equal(
    changeLine({ key: '```\n@a', action: 'copy', reason: 'new', bytes: 1, way: 'relayed, other service' }),
    '+ ```\\n@a (new, 1 B, relayed, other service)',
  );
});

test('whatever names are, the summary keeps its form', () => {
  const piece = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: anyCharacter, maxLength: 30 }), fc.string());
  const names = fc.array(
    fc.array(piece, { maxLength: 3 }).map((pieces) => pieces.join('')),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(
    fc.property(names, fc.boolean(), (all, dryRun) => checkForm(summaryOf(all, { dryRun }))),
    runs(60),
  );
});

test('the summary never gets longer than the runner takes, and stays whole', () => {
  const long = fc
    .constantFrom('a', '"', '@', '\u0001', '🎉', '`', '&')
    .map((unit) => unit.repeat(1_024 / Buffer.byteLength(unit)));
  const names = fc.array(fc.oneof(long, fc.constantFrom(...HOSTILE)), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(names, fc.integer({ min: 1, max: 300 }), fc.boolean(), (all, copies, dryRun) => {
      const text = summaryOf(all, { copies, dryRun });
      assert.ok(Buffer.byteLength(text) <= LIMIT, `${Buffer.byteLength(text)}`);
      checkForm(text);
    }),
    runs(10),
  );
});

test('what does not fit is counted', () => {
  const all = summarizeOutcomes();
  for (let index = 0; index < 6_000; index += 1) all.add(put(`${index}/`.padEnd(1_000, 'x')));
  const text = summaryMarkdown({
    doing: 'put',
    bucket: 'b',
    prefix: '',
    url: undefined,
    outcomes: all.summary(),
    report: reportOf({ counts: { put: 6_000 } }),
    error: undefined,
    dryRun: false,
    reportPath: '/tmp/report.json',
  });
  const shown = text.match(/^\+ /gm)?.length ?? 0;
  const left = Number(
    /<p>([\d,]+) more in the report, <code>\/tmp\/report.json<\/code><\/p>/.exec(text)?.[1]?.replace(',', ''),
  );
  assert.equal(shown + left, 6_000);
  const bytes = Buffer.byteLength(text);
  assert.ok(bytes <= LIMIT && bytes > LIMIT - 2_000, `${bytes}`);
});
