import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  comparisonText,
  conflictsText,
  headersNote,
  linksNote,
  linksText,
  phasesNote,
  phasesText,
  type SiteFacts,
  straysNote,
} from '../../../src/action/site-notes.js';
import type { Report, ReportPhase } from '../../../src/report/types.js';
import { reportOf } from './samples.js';

function phase(name: ReportPhase['phase'], planned: number, done: number, failed = 0, unknown = 0): ReportPhase {
  return { phase: name, planned, done, failed, unknown, notAttempted: planned - done - failed - unknown };
}

const PHASES: readonly (readonly [readonly ReportPhase[], string | undefined])[] = [
  [[], undefined],
  [[phase('assets', 12, 12), phase('pages', 3, 3), phase('deletes', 2, 2)], undefined],
  [
    [phase('assets', 12, 11, 1), phase('data', 2, 0), phase('pages', 3, 0)],
    'assets: 1 of 12 failed; data and pages were not uploaded',
  ],
  [
    [phase('assets', 1_200, 900, 100), phase('data', 2, 0), phase('pages', 3, 0), phase('deletes', 4, 0)],
    'assets: 100 of 1,200 failed, 200 not attempted; data and pages were not uploaded; nothing was deleted',
  ],
  [
    [phase('assets', 2, 2), phase('pages', 3, 1), phase('deletes', 4, 0)],
    'pages: 2 of 3 not attempted; nothing was deleted',
  ],
  [[phase('assets', 2, 1, 1), phase('pages', 3, 0, 1)], 'assets: 1 of 2 failed; pages: 1 of 3 failed, 2 not attempted'],
  [[phase('transfer', 9, 8, 1), phase('deletes', 2, 0)], 'files: 1 of 9 failed; nothing was deleted'],
  [[phase('transfer', 9, 9), phase('deletes', 5, 3, 1)], 'deletes: 1 of 5 failed, 1 not attempted'],
  [[phase('assets', 9, 6, 1, 2), phase('deletes', 5, 0)], 'assets: 1 of 9 failed, 2 unknown; nothing was deleted'],
  [[phase('assets', 1, 0), phase('data', 1, 0), phase('pages', 1, 0)], undefined],
  [
    [phase('assets', 1, 0, 1), phase('data', 1, 0), phase('pages', 1, 0), phase('deletes', 1, 1)],
    'assets: 1 of 1 failed; data and pages were not uploaded',
  ],
];
for (const [phases, text] of PHASES)
  test(`phases: ${text ?? `nothing to say of ${phases.length}`}`, () => {
    const facts = factsOf({ phases });
    assert.equal(phasesText(facts.report, facts), text);
    assert.equal(phasesNote(facts), text === undefined ? undefined : `> [!CAUTION]\n> <p>${text}.</p>`);
  });

test('a single phase has no note, because the heading says it all, and a dry run says that it attempted nothing', () => {
  assert.equal(phasesNote(factsOf({ phases: [phase('pages', 3, 2, 1)] })), undefined);
  const facts = factsOf({ phases: [phase('assets', 2, 1, 1), phase('pages', 3, 0), phase('deletes', 1, 0)] });
  const dry = { ...facts, dryRun: true };
  assert.equal(phasesText(dry.report, dry), 'assets: 1 of 2 failed; pages were not attempted; no delete was planned');
});

const STRAYS: readonly (readonly [Partial<Report>, Partial<SiteFacts>, string | undefined])[] = [
  [{}, {}, undefined],
  [{ strays: 0, straysComplete: true }, {}, undefined],
  [
    { strays: 8, straysComplete: true },
    {},
    '8 keys below the prefix are not in the build. <code>delete: true</code> deletes them.',
  ],
  [
    { strays: 1_008, straysComplete: false },
    { prefix: '' },
    'At least 1,008 keys in the bucket are not in the build. <code>list-strays: true</code> counts all of them; <code>delete: true</code> deletes them.',
  ],
  [
    { strays: 1, straysComplete: true },
    { doing: 'copy', deletes: true },
    '1 key below the prefix is not in the source, and stays.',
  ],
  [{ strays: 5, straysComplete: true, counts: { ...reportOf().counts, delete: 5 } }, { deletes: true }, undefined],
  [
    { strays: 5, straysComplete: true, counts: { ...reportOf().counts, delete: 3 } },
    { deletes: true },
    '2 keys below the prefix are not in the build, and stay.',
  ],
  [{ strays: 5, straysComplete: true }, { doing: 'delete' }, undefined],
];
for (const [report, more, text] of STRAYS)
  test(`strays: ${text ?? `nothing to say of ${report.strays ?? 'unknown ones'}`} (${JSON.stringify(more)})`, () => {
    assert.equal(straysNote({ ...factsOf(report), ...more }), text && `> [!NOTE]\n> <p>${text}</p>`);
  });

test('conflicts are counted where there are any', () => {
  assert.equal(conflictsText(reportOf()), undefined);
  assert.equal(conflictsText(reportOf({ conflicts: 2 })), 'Another writer changed 2 objects during the run.');
});

const KEPT = { 'same content, headers not compared': 71, 'same content': 5 };
const ONE_KEPT = { 'same content, headers not compared': 1 };
const HEADERS: readonly (readonly [Partial<Report>, Partial<SiteFacts>, string | undefined])[] = [
  [{ reasons: { 'same content': 5 } }, {}, undefined],
  [
    { reasons: KEPT },
    {},
    '> [!NOTE]\n> <p>71 unchanged files keep the headers they were uploaded with. <code>update-headers: true</code> sets those that differ.</p>',
  ],
  [
    { reasons: ONE_KEPT },
    { doing: 'copy' },
    '> [!NOTE]\n> <p>1 unchanged object keeps the headers it was uploaded with. To send new headers, run once with <code>mode: stupid</code>.</p>',
  ],
  [{ reasons: KEPT }, { comparesHeaders: true }, undefined],
  [
    { reasons: { ...KEPT, 'headers differ, not repaired': 3 } },
    { comparesHeaders: true },
    '> [!WARNING]\n> <p>The headers of 3 files differ, and were not repaired.</p>',
  ],
];
for (const [report, more, text] of HEADERS)
  test(`headers: ${text ?? 'nothing to say'} (${JSON.stringify(report.reasons)}, ${JSON.stringify(more)})`, () => {
    assert.equal(headersNote({ ...factsOf(report), ...more }), text);
  });

test('a dry run says what the comparison of headers costs', () => {
  const report = reportOf({ dryRun: true, heads: { 'headers compared': 10_000 } });
  const text =
    'Each run compares headers by one HEAD for each file with the same content: 10,000, about $0.004 at AWS.';
  assert.equal(comparisonText(report, { doing: 'put' }), text);
  assert.equal(comparisonText({ ...report, dryRun: false }, { doing: 'put' }), undefined);
  assert.equal(comparisonText({ ...report, heads: { other: 3 } }, { doing: 'put' }), undefined);
});

function factsOf(report: Partial<Report>): SiteFacts {
  return { doing: 'put', prefix: 'docs/', dryRun: false, deletes: false, report: reportOf(report) };
}

const linksFound = (missing: number): Partial<Report> => ({
  links: {
    documents: 3,
    references: 1_200,
    missing,
    examples: Array.from({ length: Math.min(missing, 100) }, (_, i) => ({
      document: `docs/<b>${i}.html`,
      url: `/a.png?${i}&|`,
      resolved: 'a.png',
    })),
  },
});

const READ = 'Links: 1,200 references to files of the site in 3 documents';
for (const [missing, text] of [
  [0, `${READ}; none is missing.`],
  [1, `${READ}; 1 file is missing.`],
  [12, `${READ}; 12 files are missing.`],
] as const)
  test(`links: ${text}`, () => {
    assert.equal(linksText(reportOf(linksFound(missing))), text);
  });

test('links: nothing is said of a run that checked none, and what could not be checked is counted', () => {
  assert.equal(linksText(reportOf({})), undefined);
  assert.equal(linksNote(reportOf({})), undefined);
  const links = { documents: 1, references: 2, missing: 0, unchecked: 2, examples: [] };
  assert.match(linksText(reportOf({ links })) ?? '', /; none is missing; 2 files could not be checked\.$/);
});

test('links: more missing files than a warning names are listed, with what is odd in names escaped', () => {
  assert.equal(linksNote(reportOf(linksFound(10))), undefined);
  const note = linksNote(reportOf(linksFound(112))) ?? '';
  assert.match(note, /112 missing files that pages refer to/);
  assert.equal(note.match(/<tr>/g)?.length, 101);
  assert.match(note, /docs\/&lt;b&gt;0\.html/);
  assert.match(note, /12 more\./);
});
