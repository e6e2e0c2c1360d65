import { UsageError } from '../errors.js';
import type { PutOptions } from '../put-options.js';
import type { Settings } from './layers.js';

/** A part of a setting's value: the whole, or one element with the way to it. */
interface Part {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/**
 * Checks the options in force as the engine will, so that an error can tell the file or variable where the wrong value was given. Throws
 * `UsageError`.
 */
export async function checkInForce(options: PutOptions, settings: Settings): Promise<void> {
  const { preparePut, RuleError } = await import('../prepare-put.js');
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
  if (error instanceof RuleError)
    throw settings.get('rules')?.refused?.(error.path, error.message, error.hint) ?? error;
  for (const [name, { value, refused }] of own) {
    const wrong = partsOf(value).find(
      (part) => failureOf({ source: '.', bucket: 'bucket', [name]: part.value })?.message === error.message,
    );
    if (wrong !== undefined && refused !== undefined) throw refused(wrong.path, error.message, error.hint);
  }
  // Several that do not go together: any of them can be mended.
  for (const [name, { refused }] of own) {
    if (refused !== undefined && failureOf({ ...options, [name]: undefined }) === undefined)
      throw refused([], error.message, error.hint);
  }
  throw error;
}

function partsOf(value: unknown): readonly Part[] {
  const whole = { path: [], value };
  if (Array.isArray(value)) return [...value.map((one, index) => ({ path: [index], value: [one] })), whole];
  if (typeof value !== 'object' || value === null) return [whole];
  return [...Object.entries(value).map(([name, one]) => ({ path: [name], value: { [name]: one } })), whole];
}
