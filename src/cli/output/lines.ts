import { type ConfigLayer, type ConfigValue, valuesIn } from '../../config/layers.js';
import { UsageError } from '../../errors.js';
import type { LogLevel, LogOptions } from './log.js';

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
  /** The file of the report page; absent without one. */
  readonly reportHtml?: string;
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
  const { verbose, quiet, check, dryRun, secure, endpointUrl, json, progress, reportHtml } = valuesIn(settings);
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
    ...(typeof reportHtml === 'string' && { reportHtml }),
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
