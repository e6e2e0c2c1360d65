import { UsageError } from '../errors.js';
import { shownValue } from '../report/mask-secrets.js';
import { msg, option } from '../report/message.js';
import {
  CHECK_LINKS,
  type CheckLinks,
  CLEAN_URLS,
  type CleanUrls,
  type DeleteOptions,
  INVALIDATION_FAILURES,
  NORMAL_FORMS,
  ORDERS,
  type Order,
  PRESETS,
  type Preset,
  type Redirect,
  type SiteOptions,
} from './site-types.js';
import type { PutMode } from './types.js';
import { parseDuration } from './units.js';
import { flag, globs, oneOf, shown, text, wholeNumber } from './validate.js';

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
  /** Undefined where nothing is invalidated. */
  readonly cloudfront: CloudFrontOptions | undefined;
  readonly verifyUrl: URL | undefined;
  readonly redirects: readonly ResolvedRedirect[];
  readonly checkLinks: CheckLinks;
}

/** The CloudFront options, checked and with all defaults. */
export interface CloudFrontOptions {
  /** At least one. */
  readonly distributionIds: readonly string[];
  readonly paths: 'auto' | readonly string[];
  readonly wait: boolean;
  readonly onFailure: (typeof INVALIDATION_FAILURES)[number];
  readonly maxPaths: number;
}

/** A redirect, and where it is written: `redirects[2]` or `_redirects:3`. */
export interface ResolvedRedirect extends Redirect {
  readonly origin: string;
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
export function siteOptions(options: SiteOptions, mode: PutMode, usualOrder: Order): ResolvedSiteOptions {
  const deletes = deleteOptions(options);
  const after = text('deleteAfter', options.deleteAfter);
  if (after !== undefined && !deletes.delete) throw needsDelete('deleteAfter');
  return {
    ...deletes,
    order: oneOf('order', options.order ?? usualOrder, ORDERS),
    ...headerUpdates(options, mode),
    cleanUrls: options.cleanUrls === undefined ? undefined : oneOf('cleanUrls', options.cleanUrls, CLEAN_URLS),
    deleteAfter: after === undefined ? undefined : parseDuration(after, 'deleteAfter'),
    allowSecrets: allowedSecrets(options.allowSecrets),
    conditionalWrites: flag('conditionalWrites', options.conditionalWrites, true),
    normalize: options.normalize === undefined ? undefined : oneOf('normalize', options.normalize, NORMAL_FORMS),
    warnSourceMaps: flag('warnSourceMaps', options.warnSourceMaps, true),
    filesFrom: listOf('filesFrom', options.filesFrom),
    cloudfront: cloudFrontOptions(options),
    verifyUrl: verifiedUrl(options.verifyUrl),
    redirects: redirectsOf(options.redirects),
    checkLinks: oneOf('checkLinks', options.checkLinks ?? (options.preset === 'site' ? 'warn' : 'off'), CHECK_LINKS),
  };
}

const MOST_PATHS = 100;

/** Written out they say nothing, so that they may stand without a distribution. */
const INVALIDATION_DEFAULTS = {
  invalidationPaths: 'auto',
  waitForInvalidation: false,
  invalidationFailure: 'error',
  maxInvalidationPaths: MOST_PATHS,
} as const;

function cloudFrontOptions(options: SiteOptions): CloudFrontOptions | undefined {
  const distributionIds = textsOf('cloudfrontDistributionId', options.cloudfrontDistributionId);
  if (distributionIds.length === 0) {
    for (const [name, usual] of Object.entries(INVALIDATION_DEFAULTS))
      if (String(options[name as keyof typeof INVALIDATION_DEFAULTS] ?? usual) !== String(usual))
        throw new UsageError(
          msg`${option(name)} is about {cloudfrontDistributionId}, which is not set.`,
          msg`Set {cloudfrontDistributionId} too, or leave ${option(name)} out.`,
        );
    return undefined;
  }
  for (const id of distributionIds) checkDistributionId(id);
  return {
    distributionIds: [...new Set(distributionIds)],
    paths: pathsToInvalidate(textsOf('invalidationPaths', options.invalidationPaths ?? 'auto')),
    wait: flag('waitForInvalidation', options.waitForInvalidation, false),
    onFailure: oneOf('invalidationFailure', options.invalidationFailure ?? 'error', INVALIDATION_FAILURES),
    maxPaths:
      options.maxInvalidationPaths === undefined
        ? MOST_PATHS
        : wholeNumber(
            'maxInvalidationPaths',
            options.maxInvalidationPaths,
            'give the most paths of a run, such as 100',
          ),
  };
}

/** @see https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionSummary.html */
function checkDistributionId(id: string): void {
  if (/^E[A-Z0-9]+$/.test(id)) return;
  const [, inArn] = /^arn:[\w-]+:cloudfront::\d*:distribution\/(E[A-Z0-9]+)$/.exec(id) ?? [];
  const fix =
    inArn !== undefined
      ? `Write only "${inArn}".`
      : /^E[A-Z0-9]+[,;\s]/.test(id)
        ? 'Several ids are a list: give each by itself.'
        : /[.:/]/.test(id)
          ? 'Its domain name is not its id: "aws cloudfront list-distributions" shows both.'
          : 'It begins with E, and has capital letters and digits, as in "E2QWRUHEXAMPLE".';
  throw new UsageError(msg`{cloudfrontDistributionId} is ${shown(id)}, which is no id of a distribution.`, fix);
}

/** @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html */
function pathsToInvalidate(paths: readonly string[]): CloudFrontOptions['paths'] {
  if (paths.length === 0 || (paths.length === 1 && paths[0] === 'auto')) return 'auto';
  for (const path of paths) {
    if (path === 'auto')
      throw new UsageError(
        msg`{invalidationPaths} has "auto" beside other paths.`,
        msg`Give {invalidationPaths: 'auto'} alone, or only paths.`,
      );
    if (!path.startsWith('/'))
      throw new UsageError(
        msg`{invalidationPaths} has ${shown(path)}, which does not begin with a slash.`,
        `Write it as a path of the site, such as "/docs/*"; a shell needs quotes around a wildcard.`,
      );
    if (path.slice(0, -1).includes('*'))
      throw new UsageError(
        msg`{invalidationPaths} has ${shown(path)}: CloudFront knows a wildcard only as the last character.`,
        'Write "/docs/*" for all below a folder; a star in a name is %2A.',
      );
  }
  return paths;
}

/** A text, or a list of texts that are not empty. */
function textsOf(name: keyof SiteOptions, value: unknown): readonly string[] {
  if (value === undefined) return [];
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (all.every((one): one is string => typeof one === 'string' && one !== '')) return all;
  throw new UsageError(msg`${option(name)} is ${shown(value)}; it must be a text, or a list of texts.`);
}

/** The address of the live site, which is fetched without any credentials. */
function verifiedUrl(value: unknown): URL | undefined {
  const given = text('verifyUrl', value);
  if (given === undefined) return undefined;
  const example = 'Write it as https://www.example.com or https://www.example.com/docs.';
  const wrong = (problem: string, hint: string): UsageError =>
    new UsageError(msg`{verifyUrl} is ${shownValue(given, 'verifyUrl')}, ${problem}`, hint);
  const url = /^https?:\/\//i.test(given) && URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || given.includes('\\')) throw wrong('which is no address of a site.', example);
  if (url.username !== '' || url.password !== '')
    throw wrong('which has a user or a password; the live check sends none.', example);
  if (/[?#]/.test(given)) throw wrong('which has a query or a fragment; paths of pages are added to it.', example);
  return url;
}

function redirectsOf(value: unknown): readonly ResolvedRedirect[] {
  if (value === undefined) return [];
  if (!Array.isArray(value))
    throw new UsageError(msg`{redirects} is ${shown(value)}; it must be a list of objects with from and to.`);
  return value.map((one: unknown, index) => redirectOf(one, `redirects[${index}]`));
}

const REDIRECT_FIX = "Write { from: '/old', to: '/new' }.";

function redirectOf(value: unknown, origin: string): ResolvedRedirect {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`${origin} is ${shown(value)}; it must be an object with from and to.`, REDIRECT_FIX);
  const { from, to, ...others } = value as Readonly<Record<string, unknown>>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw new UsageError(
      `${origin} has the unknown key "${unknown}".`,
      /^(?:status|code|force|permanent)/i.test(unknown)
        ? 'A redirect of an S3 object is always a 301: leave it out. Other codes belong to a CloudFront function.'
        : REDIRECT_FIX,
    );
  for (const [name, one] of Object.entries({ from, to }))
    if (typeof one !== 'string')
      throw new UsageError(
        one === undefined ? `${origin} has no ${name}.` : `${origin}: ${name} is ${shown(one)}; it must be text.`,
        REDIRECT_FIX,
      );
  return { from: from as string, to: to as string, origin };
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
