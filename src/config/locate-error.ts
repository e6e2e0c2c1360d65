import { RuleError } from '../encode/rules.js';
import { UsageError } from '../errors.js';
import { apiRows } from '../options/table.js';
import type { CopyOptions, PutOptions } from '../options/types.js';
import { preparePut } from '../prepare-put.js';
import { type Text, textIn } from '../report/message.js';
import type { ConfigLayer } from './layers.js';

/** A part of a setting's value: the whole, or one element with the way to it. */
interface Part {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/**
 * Checks the options in force as the engine will, so that an error can tell the file or variable where the wrong value was given. Throws
 * `UsageError`.
 */
export async function validateWithOrigin(options: PutOptions, settings: ConfigLayer): Promise<void> {
  const failureOf = (given: PutOptions): UsageError | undefined => {
    try {
      preparePut(given);
      return undefined;
    } catch (error) {
      if (error instanceof UsageError) return error;
      throw error;
    }
  };
  const error = failureOf(options);
  if (error === undefined) return;
  const own = [...settings].filter(([name, { refused }]) => name in options && refused !== undefined);
  if (error instanceof RuleError) throw settings.get('rules')?.refused?.(error.path, ...textsOf(error)) ?? error;
  for (const [name, { value, refused }] of own) {
    const wrong = partsOf(value).find(
      (part) => failureOf({ source: '.', bucket: 'bucket', [name]: part.value })?.message === error.message,
    );
    if (wrong !== undefined && refused !== undefined) throw refused(wrong.path, ...textsOf(error));
  }
  // Several that do not go together: any of them can be mended.
  for (const [name, { refused }] of own) {
    if (refused !== undefined && failureOf({ ...options, [name]: undefined }) === undefined)
      throw refused([], ...textsOf(error));
  }
  throw error;
}

/**
 * The same for a copy: what variables and files say of options that a put has too. Everything else the engine's own check tells. Throws
 * `UsageError`.
 */
export async function validateCopyWithOrigin(options: CopyOptions, settings: ConfigLayer): Promise<void> {
  const shared = new Map(apiRows('put').map(({ name }) => [name, true]));
  const below = [...settings].filter(
    ([name, { refused }]) => refused !== undefined && name !== 'key' && name in options && shared.has(name),
  );
  const values = Object.fromEntries(below.map(([name, { value }]) => [name, value]));
  await validateWithOrigin({ ...values, source: '.', bucket: 'bucket' }, new Map(below));
}

function textsOf(error: UsageError): [message: Text, hint: Text | undefined] {
  return [textIn(error, 'message'), textIn(error, 'hint')];
}

function partsOf(value: unknown): readonly Part[] {
  const whole = { path: [], value };
  if (Array.isArray(value)) return [...value.map((one, index) => ({ path: [index], value: [one] })), whole];
  if (typeof value !== 'object' || value === null) return [whole];
  return [...Object.entries(value).map(([name, one]) => ({ path: [name], value: { [name]: one } })), whole];
}
