import { keepMessages, type Text } from '../../../src/report/message.js';
import type { Outcome, Report } from '../../../src/report/types.js';

/** Names that would forge something, were they taken for markup. */
export const HOSTILE: readonly string[] = [
  '</details><script>alert(1)</script>',
  '```',
  ' ```',
  '  ~~~',
  '\t```',
  ' - [ ] > # x',
  `${'`'.repeat(100)}js`,
  'a|b\\|c',
  'line\n```\n\n# heading',
  '@org/team',
  '[x](y)![x](http://evil.example)',
  '<!-- x',
  '\u202egpj.exe\u200b\u061c',
  'https://evil.example',
  'www.evil.example',
  'someone@evil.example',
  '&lt;b&gt;',
  '_a_ **b** ~~c~~ #12 gh-12 :tada: 0123456789abcdef',
  '\ud800',
  '🎉.png',
  '\u0001'.repeat(1_024),
  '"'.repeat(1_024),
];

export function put(key: string, more: Partial<Outcome> = {}): Outcome {
  return {
    action: 'put',
    reason: 'new',
    origin: `dist/${key}`,
    key,
    bytes: 1_234,
    sourceBytes: 1_234,
    verified: 'md5',
    attempts: 1,
    durationMs: 10,
    ...more,
  };
}

export function failed(
  key: string,
  code: string,
  more: { readonly message?: string; readonly hint?: Text } = {},
): Outcome {
  const error = Object.assign(new Error(more.message ?? `${key} failed`), { code, hint: more.hint?.toString() });
  keepMessages(error, { hint: more.hint });
  return put(key, { action: 'fail', reason: 'unreadable', bytes: 0, error });
}

const COUNTS = { put: 0, copy: 0, metadata: 0, skip: 0, delete: 0, fail: 0, unknown: 0 };

export function reportOf({
  counts = {},
  ...more
}: Partial<Omit<Report, 'counts'>> & { readonly counts?: Partial<Report['counts']> } = {}): Report {
  return {
    schemaVersion: 2,
    complete: true,
    dryRun: false,
    counts: { ...COUNTS, ...counts },
    notAttempted: 0,
    conflicts: 0,
    bytes: 2_468,
    sourceBytes: 2_468,
    seconds: 2,
    bytesPerSecond: 1_234,
    objectsPerSecond: 1,
    reasons: {},
    retries: 0,
    throttles: 0,
    concurrency: 8,
    requests: {},
    heads: {},
    warnings: [],
    warningsOmitted: 0,
    failures: [],
    failuresOmitted: 0,
    unknown: [],
    unknownOmitted: 0,
    ...more,
  };
}
