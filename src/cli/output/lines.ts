import { type ConfigLayer, type ConfigValue, valuesIn } from '../../config/layers.js';
import { UsageError } from '../../errors.js';
import { outcomeJson } from '../../report/json.js';
import type { OriginRule } from '../../report/origin.js';
import { outcomeText } from '../../report/text.js';
import type { Outcome } from '../../report/types.js';
import { withFlags } from '../errors.js';
import type { LogLevel, LogOptions } from './log.js';
import { paintFor } from './terminal.js';

/** How a run is shown. */
export interface OutputOptions {
  readonly verbose: boolean;
  /** Only failures have lines, and there is no progress. */
  readonly quiet: boolean;
  /** The summary and warnings are shown. */
  readonly summary: boolean;
  readonly json: boolean;
  readonly progress: boolean;
  /** Exit with 1 if anything would change. */
  readonly check: boolean;
  /** Absent without a log. */
  readonly log?: LogOptions;
}

/** The settings, with `dryRun` on for `check`. */
export function withDryRun(settings: ConfigLayer): ConfigLayer {
  const check = settings.get('check');
  if (check?.value !== true || settings.has('dryRun')) return settings;
  const { from, found } = check;
  return new Map([...settings, ['dryRun', { value: true, from, ...(found && { found }) }]]);
}

/** Whether the option `quiet` has a value that turns it on. */
export function isQuiet(quiet: unknown): boolean {
  return quiet !== undefined && quiet !== false;
}

/** Reads how a run is shown from the merged settings; throws `UsageError` for settings that contradict each other. */
export function outputOptions(settings: ConfigLayer): OutputOptions {
  const { verbose, quiet, check, dryRun, secure, endpointUrl, json, progress } = valuesIn(settings);
  if (verbose === true && isQuiet(quiet)) throw contradictionError(settings, 'verbose', 'quiet');
  if (check === true && dryRun === false) throw contradictionError(settings, 'check', 'dryRun');
  if (secure === false && typeof endpointUrl === 'string' && /^https:/i.test(endpointUrl))
    throw contradictionError(settings, 'secure', 'endpointUrl');
  const log = logOptions(settings);
  return {
    verbose: verbose === true,
    quiet: isQuiet(quiet),
    summary: quiet !== 'failures',
    check: check === true,
    json: json === true,
    progress: progress !== false,
    ...(log !== undefined && { log }),
  };
}

function logOptions(settings: ConfigLayer): LogOptions | undefined {
  const { logFile, logLevel } = valuesIn(settings);
  if (logFile === undefined && logLevel === undefined) return undefined;
  return {
    file: typeof logFile === 'string' ? logFile : undefined,
    level: (logLevel as LogLevel | undefined) ?? 'info',
  };
}

/** The error for two settings that exclude each other, named as they were given. */
function contradictionError(settings: ConfigLayer, one: string, other: string): UsageError {
  const [first, second] = [settings.get(one), settings.get(other)];
  const named = (name: string, setting: ConfigValue | undefined): string =>
    /^(?:-|S3PP_)/.test(setting?.from ?? '') ? (setting?.from ?? '') : `${name}: ${String(setting?.value)}`;
  const endpoint = other === 'endpointUrl';
  const [a, b] = [named(one, first), endpoint ? 'an https:// endpoint' : named(other, second)];
  const message = `${a} and ${b} contradict each other.`;
  const hint = endpoint ? `Leave ${a} out, or write http://.` : 'Leave one of them out.';
  return (second?.errorAt ?? first?.errorAt)?.([], message, hint) ?? new UsageError(message, hint);
}

/** The facts of a run that its lines and summary need. */
export interface RunInfo {
  readonly dryRun: boolean;
  readonly doing: 'put' | 'copy';
  /** Which origins its lines need not name. */
  readonly origins: OriginRule;
  /** The sources as the user knows them, where the engine knows them otherwise. */
  readonly from?: readonly string[];
}

/** Lines on a terminal before the others fold into the progress bar. */
const MOST_LINES = 200;
const FOLDED = '… more lines are folded; -v shows all';

/**
 * Gives the line of an outcome; undefined for outcomes that the options leave out.
 * @param folds whether only the first lines are shown, and all failures
 */
export function lineFormat(
  shown: RunInfo,
  { json, verbose, quiet }: OutputOptions,
  folds: boolean,
): (outcome: Outcome) => string | undefined {
  if (json) return outcomeJson;
  const text = { ...shown, verbose, paint: paintFor(process.stdout, process.env), render: withFlags };
  const most = folds && !verbose ? MOST_LINES : Number.POSITIVE_INFINITY;
  let lines = 0;
  return (outcome) => {
    const { action, shared } = outcome;
    // The error that ends a run is shown once, at the end.
    if (shared === true) return undefined;
    if (action === 'fail' || action === 'unknown') return outcomeText(outcome, text);
    if (quiet || (action === 'skip' && !verbose)) return undefined;
    lines += 1;
    if (lines > most) return lines === most + 1 ? text.paint('faint', FOLDED) : undefined;
    return outcomeText(outcome, text);
  };
}
