import { renderOptionNames } from '../options/names.js';
import { LONGEST_CODE, shorten, textIn } from '../report/message.js';
import type { Outcome, OutcomeAction } from '../report/types.js';

/** An object that was changed, or in a dry run would be. */
export interface Change {
  readonly key: string;
  readonly action: Exclude<OutcomeAction, 'skip' | 'fail' | 'unknown'>;
  readonly reason: string;
  readonly bytes: number;
  readonly way?: string;
}

/** An object that was put or copied, with its size and time. */
export interface MeasuredObject {
  readonly key: string;
  readonly bytes: number;
  readonly durationMs: number;
}

/** All objects that failed with one code. */
export interface FailureClass {
  /** Error code, or the error's name if it has no code. */
  readonly code: string;
  readonly count: number;
  /** Keys of the first of them. */
  readonly examples: readonly string[];
  /** The message of the first of them. */
  readonly message: string;
  /** The fix, if it is known. */
  readonly hint: string | undefined;
}

/** The part of a run's outcomes that summary and annotations show. */
export interface OutcomeSummary {
  readonly changes: readonly Change[];
  /** Number of further changes. */
  readonly moreChanges: number;
  readonly slowest: readonly MeasuredObject[];
  readonly largest: readonly MeasuredObject[];
  /** The most frequent first. */
  readonly failures: readonly FailureClass[];
}

export interface OutcomeCollector {
  add(outcome: Outcome): void;
  summary(): OutcomeSummary;
}

const CHANGES = 5_000;
const RANKED = 10;
const EXAMPLES = 3;
/** A limit, because servers choose their codes and may send any number of them. */
const CLASSES = 100;
const OTHERS = 'Other errors';

/** Collects the summary of all outcomes; its memory does not grow with their number. */
export function summarizeOutcomes(): OutcomeCollector {
  const changes: Change[] = [];
  let moreChanges = 0;
  const slowest = ranking(({ durationMs }) => durationMs);
  const largest = ranking(({ bytes }) => bytes);
  const failures = new Map<string, { -readonly [Name in keyof FailureClass]: FailureClass[Name] }>();

  function fail({ key, reason, error }: Outcome): void {
    const own = shorten(codeOf(error) ?? error?.name ?? 'Error', LONGEST_CODE);
    const code = failures.has(own) || failures.size < CLASSES ? own : OTHERS;
    const known = failures.get(code);
    if (known === undefined) {
      const message = textOf(error, 'message') ?? reason;
      failures.set(code, { code, count: 1, examples: [key], message, hint: textOf(error, 'hint') });
      return;
    }
    known.count += 1;
    if (known.examples.length < EXAMPLES) known.examples = [...known.examples, key];
  }

  return {
    add(outcome) {
      const { action, key, reason, bytes, way, durationMs } = outcome;
      // The report lists what is unknown.
      if (action === 'skip' || action === 'unknown') return;
      if (action === 'fail') {
        // The error that ended the run is shown once, as that.
        if (outcome.shared !== true) fail(outcome);
        return;
      }
      if (changes.length < CHANGES) changes.push({ key, action, reason, bytes, ...(way !== undefined && { way }) });
      else moreChanges += 1;
      if (action !== 'put' && action !== 'copy') return;
      slowest.take({ key, bytes, durationMs });
      largest.take({ key, bytes, durationMs });
    },
    summary: () => ({
      changes: [...changes],
      moreChanges,
      slowest: slowest.ranked(),
      largest: largest.ranked(),
      failures: [...failures.values()].sort((one, other) => other.count - one.count).map((each) => ({ ...each })),
    }),
  };
}

/** The few greatest objects by a measure, in falling order; of equal ones the earlier. */
function ranking(measure: (object: MeasuredObject) => number): {
  take(object: MeasuredObject): void;
  ranked(): readonly MeasuredObject[];
} {
  const best: MeasuredObject[] = [];
  return {
    take(object) {
      const last = best.at(-1);
      if (best.length === RANKED && last !== undefined && measure(object) <= measure(last)) return;
      const rank = best.findIndex((other) => measure(object) > measure(other));
      best.splice(rank < 0 ? best.length : rank, 0, object);
      if (best.length > RANKED) best.pop();
    },
    ranked: () => [...best],
  };
}

function codeOf(error: Error | undefined): string | undefined {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  return typeof code === 'string' && code !== '' ? code : undefined;
}

/** A text of an error as the step's users know the options; undefined where it says nothing. */
function textOf(error: Error | undefined, field: 'message' | 'hint'): string | undefined {
  const text = textIn(error, field) ?? '';
  return text === '' ? undefined : renderOptionNames(text, 'action');
}
