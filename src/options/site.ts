import { UsageError } from '../errors.js';
import { msg, option } from '../report/message.js';
import {
  CLEAN_URLS,
  type CleanUrls,
  type DeleteOptions,
  NORMAL_FORMS,
  ORDERS,
  type Order,
  PRESETS,
  type Preset,
  type SiteOptions,
} from './site-types.js';
import type { PutMode } from './types.js';
import { parseDuration } from './units.js';
import { flag, globs, oneOf, shown, text } from './validate.js';

/** The most changes of one kind in a run: a count, a share of the listed keys in percent, or the default. */
export type MaxChanges =
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'share'; readonly percent: number }
  | { readonly kind: 'default' };

/** The delete options, checked and with all defaults. */
export interface ResolvedDeleteOptions {
  readonly delete: boolean;
  readonly maxDelete: MaxChanges;
  /** Globs relative to the prefix. */
  readonly protect: readonly string[];
  /** Whether the whole listing is read. */
  readonly listStrays: boolean;
}

/** The site options, checked and with all defaults. */
export interface ResolvedSiteOptions extends ResolvedDeleteOptions {
  readonly order: Order;
  readonly preset: Preset | undefined;
  /** Whether the headers of unchanged objects are compared. */
  readonly updateHeaders: boolean;
  readonly maxUpdate: MaxChanges;
  readonly cleanUrls: CleanUrls | undefined;
  /** Milliseconds. */
  readonly deleteAfter: number | undefined;
  /** True for all, or globs; an empty list for none. */
  readonly allowSecrets: true | readonly string[];
  readonly conditionalWrites: boolean;
  readonly normalize: 'nfc' | undefined;
  readonly warnSourceMaps: boolean;
  readonly filesFrom: readonly string[] | undefined;
}

/** Checks the delete options and fills in defaults. Throws `UsageError` naming the first wrong value and its fix. */
export function deleteOptions(options: DeleteOptions): ResolvedDeleteOptions {
  const deletes = flag('delete', options.delete, false);
  for (const name of ['maxDelete', 'protect'] as const)
    if (!deletes && options[name] !== undefined) throw needsDelete(name);
  return {
    delete: deletes,
    maxDelete: maxChangesOf('maxDelete', options.maxDelete),
    protect: globs('protect', options.protect),
    listStrays: flag('listStrays', options.listStrays, false) || deletes,
  };
}

/** Checks the site options and fills in defaults. Throws `UsageError` naming the first wrong value and its fix. */
export function siteOptions(options: SiteOptions, mode: PutMode): ResolvedSiteOptions {
  const deletes = deleteOptions(options);
  const after = text('deleteAfter', options.deleteAfter);
  if (after !== undefined && !deletes.delete) throw needsDelete('deleteAfter');
  return {
    ...deletes,
    order: oneOf('order', options.order ?? 'none', ORDERS),
    ...headerUpdates(options, mode),
    cleanUrls: options.cleanUrls === undefined ? undefined : oneOf('cleanUrls', options.cleanUrls, CLEAN_URLS),
    deleteAfter: after === undefined ? undefined : parseDuration(after, 'deleteAfter'),
    allowSecrets: allowedSecrets(options.allowSecrets),
    conditionalWrites: flag('conditionalWrites', options.conditionalWrites, true),
    normalize: options.normalize === undefined ? undefined : oneOf('normalize', options.normalize, NORMAL_FORMS),
    warnSourceMaps: flag('warnSourceMaps', options.warnSourceMaps, true),
    filesFrom: listOf('filesFrom', options.filesFrom),
  };
}

function headerUpdates(
  options: SiteOptions,
  mode: PutMode,
): Pick<ResolvedSiteOptions, 'preset' | 'updateHeaders' | 'maxUpdate'> {
  const preset = options.preset === undefined ? undefined : oneOf('preset', options.preset, PRESETS);
  const asked = flag('updateHeaders', options.updateHeaders, false);
  if (asked && mode === 'add')
    throw new UsageError(
      msg`{updateHeaders} changes objects that exist, and the {mode} "add" never does.`,
      msg`Leave {updateHeaders} out, or set {mode: 'update'}.`,
    );
  // The mode stupid puts everything, with its headers.
  const updateHeaders = mode === 'update' && flag('updateHeaders', options.updateHeaders, preset === 'site');
  if (!updateHeaders && options.maxUpdate !== undefined)
    throw new UsageError(
      msg`{maxUpdate} is the most headers that {updateHeaders} sets, but {updateHeaders} is not set.`,
      msg`Set {updateHeaders} or {preset: 'site'}, or leave {maxUpdate} out.`,
    );
  return { preset, updateHeaders, maxUpdate: maxChangesOf('maxUpdate', options.maxUpdate) };
}

function needsDelete(name: keyof SiteOptions): UsageError {
  return new UsageError(msg`${option(name)} says what {delete} does, but {delete} is not set.`, msg`Set {delete} too.`);
}

const MAX_CHANGES_FIX = 'Give a number of keys such as 500, or a share of the listed keys such as "30%".';

function maxChangesOf(name: 'maxDelete' | 'maxUpdate', value: unknown): MaxChanges {
  if (value === undefined) return { kind: 'default' };
  const written = typeof value === 'number' ? String(value) : value;
  const [, digits, share] = (typeof written === 'string' && /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(written.trim())) || [];
  const amount = Number(digits);
  if (share === '%' && amount <= 100) return { kind: 'share', percent: amount };
  if (share === '' && Number.isSafeInteger(amount)) return { kind: 'count', count: amount };
  const what = name === 'maxDelete' ? 'deletes' : 'objects';
  throw new UsageError(msg`${option(name)} is ${shown(value)}, which is no number of ${what}.`, MAX_CHANGES_FIX);
}

/** Text lists of faces write `true` as a word. */
function allowedSecrets(value: unknown): true | readonly string[] {
  if (value === true || value === undefined || value === false) return value === true ? true : [];
  const allowed = globs('allowSecrets', value).filter((glob) => glob !== 'false');
  return allowed.includes('true') ? true : allowed;
}

function listOf(name: keyof SiteOptions, value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  throw new UsageError(msg`${option(name)} is ${shown(value)}; it must be a list of paths.`);
}
