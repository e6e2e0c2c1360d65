import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { code, codeSpan, prose } from '../../../src/action/markdown.js';
import { summarizeOutcomes } from '../../../src/action/outcome-summary.js';
import { summaryMarkdown } from '../../../src/action/summary.js';
import { diffOf } from '../../../src/action/summary-changes.js';
import { commitOf } from '../../../src/action/summary-heading.js';
import { anyCharacter } from '../../support/characters.js';
import { runs } from '../../support/runs.js';
import { failed, HOSTILE, put, reportOf } from './samples.js';

const LIMIT = 1_000_000;

function summaryOf(
  names: readonly string[],
  more: { readonly dryRun?: boolean; readonly copies?: number; readonly site?: string } = {},
): string {
  const { dryRun = false, copies = 1, site } = more;
  const all = summarizeOutcomes();
  for (let copy = 0; copy < copies; copy += 1)
    for (const name of names) {
      const headers = { contentType: name, cacheControl: name, contentEncoding: name };
      all.add(put(name, { reason: copy % 2 === 0 ? 'new' : name, way: name, ...headers }));
      all.add(put(`${name}/${name}`, { reason: 'content differs' }));
      all.add(failed(name, name, { message: name, hint: name }));
    }
  return summaryMarkdown({
    doing: 'put',
    bucket: names[0] ?? 'b',
    prefix: names.join(''),
    url: site ?? names[0],
    commit: { ref: names.join(''), sha: '7c6e1f2a9b', url: site },
    outcomes: all.summary(),
    report: reportOf({ counts: { put: names.length, fail: names.length }, warnings: names }),
    error: new Error(names.join('')),
    dryRun,
    deletes: false,
    reportPath: names.join(''),
  });
}

/** A line of Markdown with names: besides code and escapes it holds only our own links and words. */
function checkLine(line: string, beginning: RegExp): void {
  assert.match(line, beginning);
  const bare = line
    // From left to right, as Markdown is read: within code a backslash escapes nothing.
    .replaceAll(/\\[!-/:-@[-`{-~]|`[^`]*`/g, '')
    .replaceAll(/\[[^[\]]*\]\(https?:\/\/[^\s()<>`\\]*\)/g, 'link');
  assert.doesNotMatch(bare.replace(/^### /, ''), /[`*_~[\]<>\\|@#&$]|!\[|https?:\/\/|www\./, line);
}

/** Text outside of fences and of what is code; there must be none of a name's own markup in it. */
function checkForm(text: string): void {
  const lines = text.split('\n');
  const fences = lines.filter((line) => /^ {0,3}(```|~~~)/.test(line));
  assert.equal(fences.length % 2, 0);
  fences.forEach((line, index) => {
    assert.match(line, index % 2 === 0 ? /^```(diff|mermaid)$/ : /^```$/);
  });
  checkLine(lines[0] ?? '', /^### (✅|⚠️|❌) /);
  // Bucket and commit stand there where the heading does not have them.
  const facts = /^[`[]/.test(lines[2] ?? '') ? 2 : 0;
  if (facts > 0) checkLine(lines[facts] ?? '', /^/);
  let inFence = false;
  const outside = lines.filter((line, index) => {
    if (line.startsWith('```')) inFence = !inFence;
    return !inFence && index > facts && !line.startsWith('```');
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

const SITES: readonly string[] = [
  'https://www.example.com/a_b_c/*x*/(y)/`z`/[q]/$m$',
  'https://a.example/?x="><script>&copy;=1#<b>`c`|d',
  'http://[::1]:9000/~~a~~/@org/:tada:/%60/',
  `https://a.example/${'\\'.repeat(50)}`,
  `https://a.example/${encodeURIComponent(HOSTILE[0] ?? '')}/`,
];
for (const site of SITES)
  test(`a site forges nothing: ${site.slice(0, 60)}`, () => {
    const text = summaryOf(['a.html'], { site });
    checkForm(text);
    assert.match(text.split('\n')[0] ?? '', /^### ❌ Deployment to \[/);
  });

test('variables of the runner that name no commit give none, and a repository that is none no link', () => {
  const env = {
    GITHUB_REF_NAME: 'main',
    GITHUB_SHA: '7c6e1f2a9b0011223344556677889900aabbccdd',
    GITHUB_SERVER_URL: 'https://github.example',
    GITHUB_REPOSITORY: 'o/r.x',
  };
  const url = 'https://github.example/o/r.x/commit/7c6e1f2a9b0011223344556677889900aabbccdd';
  assert.deepEqual(commitOf(env), { ref: 'main', sha: env.GITHUB_SHA, url });
  assert.equal(commitOf({}), undefined);
  assert.equal(commitOf({ ...env, GITHUB_SHA: ')](x' }), undefined);
  assert.equal(commitOf({ ...env, GITHUB_REF_NAME: '' }), undefined);
  for (const more of [{ GITHUB_REPOSITORY: 'o/r/../x' }, { GITHUB_REPOSITORY: '' }, { GITHUB_SERVER_URL: '' }])
    assert.equal(commitOf({ ...env, ...more })?.url, undefined);
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
  const all = summarizeOutcomes();
  all.add(put('```/~~~\n@a', { bytes: 1, way: 'relayed, other service' }));
  const { text } = diffOf(all.summary().changes, { bytes: 1_000, moreText: String });
  assert.equal(text, '```diff\n  \\x60``/\n+   ~~~\\n@a  1 B  (relayed, other service)\n```');
  for (const [folder, shown] of [
    [' ```', ' \\x60``'],
    ['   ~~~', '   \\x7e~~'],
    ['a```', 'a```'],
  ] as const) {
    const some = summarizeOutcomes();
    some.add(put(`${folder}/a`, { bytes: 1 }));
    assert.equal(diffOf(some.summary().changes, { bytes: 1_000, moreText: String }).text.split('\n')[1], `  ${shown}/`);
  }
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
  for (let index = 0; index < 6_000; index += 1) all.add(put(`${index % 1_500}/${index}`.padEnd(1_000, 'x')));
  const text = summaryMarkdown({
    doing: 'put',
    bucket: 'b',
    prefix: '',
    url: undefined,
    commit: undefined,
    outcomes: all.summary(),
    report: reportOf({ counts: { put: 6_000 } }),
    error: undefined,
    dryRun: false,
    deletes: false,
    reportPath: '/tmp/report.json',
  });
  const shown = text.match(/^\+ /gm)?.length ?? 0;
  const left = Number(
    /<p>([\d,]+) more in the report <code>\/tmp\/report.json<\/code><\/p>/.exec(text)?.[1]?.replace(',', ''),
  );
  assert.equal(shown + left, 6_000);
  const bytes = Buffer.byteLength(text);
  assert.ok(bytes <= LIMIT && bytes > LIMIT - 2_000, `${bytes}`);
});
