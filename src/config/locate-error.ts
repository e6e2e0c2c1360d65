import type { DeleteObjectsOptions, PreparedDelete } from '../delete.js';
import { RuleError } from '../encode/rules.js';
import { UsageError } from '../errors.js';
import type { CopyOptions, PutOptions } from '../options/types.js';
import { type FinishOptions, type PreparedPut, prepareFinish, preparePut } from '../prepare-put.js';
import { msg, type Text, textIn } from '../report/message.js';
import type { PreparedCopy } from '../transfer/copy/context.js';
import type { UploadsOptions } from '../uploads.js';
import type { ConfigLayer } from './layers.js';

/** A part of a setting's value: the whole, or one element with the path to it. */
interface Part {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/** Prepares a put. The `UsageError` for a wrong value names the file or variable where it was given. */
export async function preparePutWithOrigin(options: PutOptions, settings: ConfigLayer): Promise<PreparedPut> {
  const prepared = withOrigin(preparePut, options, settings, { source: '.', bucket: 'bucket' });
  checkFoundRedirects(prepared, settings);
  return prepared;
}

/**
 * The same for `finish`.
 * @param options with those of `FinishOptions`, which are checked
 */
export async function prepareFinishWithOrigin(options: PutOptions, settings: ConfigLayer): Promise<PreparedPut> {
  // What is missing is an error of its own, and located nowhere.
  const { reports = '', shards = 1 } = options as Partial<FinishOptions>;
  const least = { source: '.', bucket: 'bucket', reports, shards };
  const prepared = withOrigin(prepareFinish, options as FinishOptions, settings, least);
  checkFoundRedirects(prepared, settings);
  return prepared;
}

/** A config file that was only found may send visitors to no other site, by the file of redirects that it names as little as by itself. */
function checkFoundRedirects({ redirects }: PreparedPut, settings: ConfigLayer): void {
  const setting = settings.get('redirectsFile');
  if (setting?.found !== true) return;
  const other = redirects.find(({ target, origin }) => target === undefined && origin.startsWith(`${setting.value}:`));
  if (other === undefined) return;
  const file = String(settings.get('config')?.value);
  const message = msg`{redirectsFile} is "${setting.value}", which redirects to another site (${other.origin}: ${other.location}). This config file was found in the working directory, and --config does not name it: such a file may redirect only within the site.`;
  const hint = `If you trust this file, name it by --config ${file}; otherwise remove the line.`;
  throw setting.errorAt?.([], message, hint) ?? new UsageError(message, hint);
}

/** The same for a copy. */
export async function prepareCopyWithOrigin(options: CopyOptions, settings: ConfigLayer): Promise<PreparedCopy> {
  const { prepareCopy } = await import('../prepare-copy.js');
  return withOrigin(prepareCopy, options, settings, { source: 's3://source', destination: 's3://destination' });
}

/** Checks the options of `uploads` in the same way. */
export async function checkUploadsWithOrigin(options: UploadsOptions, settings: ConfigLayer): Promise<void> {
  const { checkUploads } = await import('../uploads.js');
  withOrigin(checkUploads, options, settings, { bucket: 'bucket' });
}

/** Prepares a `delete` in the same way. */
export async function prepareDeleteWithOrigin(
  options: DeleteObjectsOptions,
  settings: ConfigLayer,
): Promise<PreparedDelete> {
  const { prepareDelete } = await import('../delete.js');
  return withOrigin(prepareDelete, options, settings, { bucket: 'bucket', prefix: 'prefix' });
}

/**
 * Prepares once. Only after an error are the options checked again, one by one, to find the wrong one.
 * @param least options that work without any others
 */
function withOrigin<T extends object, P>(
  prepare: (options: T) => P,
  options: T,
  settings: ConfigLayer,
  least: NoInfer<T>,
): P {
  try {
    return prepare(options);
  } catch (error) {
    throw error instanceof UsageError
      ? locateError(error, (given) => failureOf(prepare, given), options, settings, least)
      : error;
  }
}

function failureOf<T>(prepare: (options: T) => unknown, options: T): UsageError | undefined {
  try {
    prepare(options);
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
}

function locateError<T extends object>(
  error: UsageError,
  check: (options: T) => UsageError | undefined,
  options: T,
  settings: ConfigLayer,
  least: T,
): UsageError {
  if (error instanceof RuleError) return settings.get('rules')?.errorAt?.(error.path, ...textsOf(error)) ?? error;
  const given = [...settings].filter(([name, { errorAt }]) => name in options && errorAt !== undefined);
  for (const [name, { value, errorAt }] of given) {
    const wrong = splitValue(value).find((part) => check({ ...least, [name]: part.value })?.message === error.message);
    if (wrong !== undefined && errorAt !== undefined) return errorAt(wrong.path, ...textsOf(error));
  }
  // Several options exclude each other: leaving out any of them is a fix.
  for (const [name, { errorAt }] of given) {
    if (errorAt !== undefined && check({ ...options, [name]: undefined }) === undefined)
      return errorAt([], ...textsOf(error));
  }
  return error;
}

function textsOf(error: UsageError): [message: Text, hint: Text | undefined] {
  return [textIn(error, 'message'), textIn(error, 'hint')];
}

function splitValue(value: unknown): readonly Part[] {
  const whole = { path: [], value };
  if (Array.isArray(value)) return [...value.map((one, index) => ({ path: [index], value: [one] })), whole];
  if (typeof value !== 'object' || value === null) return [whole];
  return [...Object.entries(value).map(([name, one]) => ({ path: [name], value: { [name]: one } })), whole];
}
