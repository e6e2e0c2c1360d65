import { type ConfigLayer, type ConfigValue, valuesIn } from '../../config/layers.js';
import { UsageError } from '../../errors.js';
import { outcomeJson } from '../../report/json.js';
import { outcomeText } from '../../report/text.js';
import type { Outcome } from '../../report/types.js';
import { withFlags } from '../errors.js';
import type { LogLevel, LogOptions } from './log.js';
import { paintFor } from './terminal.js';

/** How a run is shown. */
export interface OutputOptions {
  readonly verbose: boolean;
  readonly quiet: boolean;
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

/** Reads how a run is shown from the merged settings; throws `UsageError` for settings that contradict each other. */
export function outputOptions(settings: ConfigLayer): OutputOptions {
  const { verbose, quiet, check, dryRun, secure, endpointUrl, json, progress } = valuesIn(settings);
  if (verbose === true && quiet === true) throw contradictionError(settings, 'verbose', 'quiet');
  if (check === true && dryRun === false) throw contradictionError(settings, 'check', 'dryRun');
  if (secure === false && typeof endpointUrl === 'string' && /^https:/i.test(endpointUrl))
    throw contradictionError(settings, 'secure', 'endpointUrl');
  const log = logOptions(settings);
  return {
    verbose: verbose === true,
    quiet: quiet === true,
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
  /** Name of the destination bucket. */
  readonly bucket: string;
  readonly dryRun: boolean;
  readonly doing: 'put' | 'copy';
}

/** Gives the line of an outcome; undefined for outcomes that the options leave out. */
export function lineFormat(
  shown: RunInfo,
  { json, verbose, quiet }: OutputOptions,
): (outcome: Outcome) => string | undefined {
  if (json) return outcomeJson;
  const text = { ...shown, paint: paintFor(process.stdout, process.env), render: withFlags };
  return (outcome) => {
    const { action, shared } = outcome;
    const failed = action === 'fail' || action === 'unknown';
    // The error that ends a run is shown once, at the end.
    const wanted = shared !== true && (failed || (!quiet && (verbose || action !== 'skip')));
    return wanted ? outcomeText(outcome, text) : undefined;
  };
}
