import { realpathSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { UsageError } from '../errors.js';
import type { FoundFileRule, OptionRow } from '../options/row.js';
import { OPTION_TABLE } from '../options/table.js';
import { CLOSED_ACLS } from '../options/types.js';
import { shownValue } from '../report/mask-secrets.js';
import type { ConfigLayer, ConfigValue } from './layers.js';

/** A setting of a found config file that only a file named by `--config` may have. */
export interface FoundRefusal {
  readonly name: string;
  readonly setting: ConfigValue;
  readonly error: UsageError;
}

/** A part of a value, and which values a found file may have there. */
interface Part {
  readonly path: readonly (string | number)[];
  /** As messages name it. */
  readonly label: string;
  readonly value: unknown;
  readonly allowed: FoundFileRule;
}

/** The rows of the options of the command line and of config files, by name. */
export const CLI_ROWS: ReadonlyMap<string, OptionRow> = new Map(
  OPTION_TABLE.filter(({ faces, inConfigFile }) => faces.includes('cli') || inConfigFile === true).map((row) => [
    row.name,
    row,
  ]),
);

/** The rule of the option's row for a found config file; without one the option is never taken from such a file. */
export function foundFileRule(name: string): FoundFileRule {
  return CLI_ROWS.get(name)?.foundFile ?? 'never';
}

/** What no found config file may set, for any command line and command; in the order of the file. */
export function findAlwaysRefused(file: string, layer: ConfigLayer): readonly FoundRefusal[] {
  const hint = `If you trust this file, name it by --config ${file}; otherwise remove the line.`;
  return refusals(layer, ({ label, value, allowed }) => {
    if (isAlwaysAllowed(allowed, value)) return undefined;
    const message = `${label} is ${shownValue(value, label)}, which only a config file that --config names may set. This file was found in the working directory, and --config does not name it.`;
    return { message, hint };
  });
}

function isAlwaysAllowed(allowed: FoundFileRule, value: unknown): boolean {
  if (typeof allowed === 'object') return allowed.only.includes(value);
  // Browsers take "//" and "/\\" for the beginning of another host.
  if (allowed === 'ownSite') return typeof value === 'string' && /^\s*\/(?![/\\])/.test(value);
  return allowed !== 'never';
}

/**
 * What a found config file may not set in this run: where a destination that the user names is and how it is reached, and paths outside of the
 * working directory. Of `settings`, the merged ones, only those from the file count.
 * @param named how the user names the destination, as `--bucket names the destination "site"`; undefined if the file names it
 */
export function findRefusedInRun(
  file: string,
  settings: ConfigLayer,
  named: string | undefined,
): readonly FoundRefusal[] {
  return refusals(new Map([...settings].filter(([, { found }]) => found === true)), (part, name) => {
    const { label, value, allowed } = part;
    const hint = `If you trust this file, name it by --config ${file}; or give ${optionWords(name, value)} yourself.`;
    if (allowed === 'where' && named !== undefined) {
      const message = `${label} is ${shownValue(value, label)}, but ${named}: a config file that was only found in the working directory may not change where that is or how it is reached.`;
      return { message, hint };
    }
    if (allowed === 'inside' && !isInside(String(value))) {
      const message = `${label} is ${shownValue(value, label)}, which is not inside the working directory; a config file that was only found there may name only paths inside it.`;
      return { message, hint };
    }
    return undefined;
  });
}

function refusals(
  layer: ConfigLayer,
  verdict: (part: Part, name: string) => { readonly message: string; readonly hint: string } | undefined,
): readonly FoundRefusal[] {
  return [...layer].flatMap(([name, setting]) => {
    for (const part of partsOf(name, setting.value)) {
      const refused = verdict(part, name);
      const error = refused && setting.errorAt?.(part.path, refused.message, refused.hint);
      if (error !== undefined) return [{ name, setting, error }];
    }
    return [];
  });
}

function partsOf(name: string, value: unknown): readonly Part[] {
  const allowed = foundFileRule(name);
  if (allowed === 'headers') return headerParts(value, [], name);
  if (allowed === 'rules') return ruleParts(value);
  if (allowed === 'redirects') return redirectParts(value);
  if (Array.isArray(value)) return value.map((one, index) => ({ path: [index], label: name, value: one, allowed }));
  return [{ path: [], label: name, value, allowed }];
}

/** The engine's check reports wrong types. */
function redirectParts(value: unknown): readonly Part[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one: unknown, index): readonly Part[] => {
    const to = typeof one === 'object' && one !== null && 'to' in one ? one.to : undefined;
    return to === undefined
      ? []
      : [{ path: [index, 'to'], label: `redirects[${index}]: to`, value: to, allowed: 'ownSite' }];
  });
}

function headerParts(value: unknown, path: Part['path'], label: string): readonly Part[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).map(([header, one]) => ({
    path: [...path, header],
    label: `${label}: "${header}"`,
    value: one,
    allowed: foundFileHeaderRule(header),
  }));
}

/** Keys of a rule follow the options of the same names; the engine's check reports wrong types. */
function ruleParts(value: unknown): readonly Part[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((rule: unknown, index) => {
    if (typeof rule !== 'object' || rule === null) return [];
    return Object.entries(rule).flatMap(([key, one]): readonly Part[] => {
      const label = `Rule ${index + 1}, ${key}`;
      if (key === 'headers') return headerParts(one, [index, key], label);
      return CLI_ROWS.has(key) ? [{ path: [index, key], label, value: one, allowed: foundFileRule(key) }] : [];
    });
  });
}

/** Whether a path leads to a place inside the working directory; standard input does not. */
function isInside(path: string): boolean {
  if (path === '-') return false;
  const base = realpathSync.native('.');
  // Where `link/../name` leads depends on whether the link or `..` is resolved first.
  return [path, resolve(base, path)].every((one) => {
    const path = relative(base, realPath(base, one));
    return path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path);
  });
}

/** The path with links resolved as the operating system does it. A missing file counts as where its name says; nothing can be read there. */
function realPath(base: string, path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return resolve(base, path);
  }
}

/** How the option is given on the command line. */
function optionWords(name: string, value: unknown): string {
  const row = CLI_ROWS.get(name);
  if (row === undefined || row.type === 'operands') return name === 'source' ? 'the source' : name;
  return flagFor(row, value);
}

/** The flag for a value: `--endpoint-url`, and of switches `--insecure` or `--no-force-path-style`. */
export function flagFor(row: OptionRow, value: unknown): string {
  const short = Object.entries(row.shorthands ?? {}).find(([, one]) => one === value)?.[0];
  const flag = row.flag ?? row.name;
  if (row.type === 'optional' && row.choices?.some((choice) => choice === value) === true) return `--${flag}=${value}`;
  return `--${short ?? (value === false ? `no-${flag}` : flag)}`;
}

const CLOSED: FoundFileRule = { only: CLOSED_ACLS };

/**
 * Headers that do what an option does, or that cannot be undone: they decide who may read the object, who pays, which key encrypts it, and how
 * long it cannot be deleted, and where visitors are sent. The first match counts.
 */
const BY_HEADER: readonly (readonly [RegExp, FoundFileRule])[] = [
  [/^x-amz-acl$/, CLOSED],
  [/^x-amz-grant-/, 'never'],
  [/^x-amz-object-lock-/, 'never'],
  [/^x-amz-server-side-encryption-customer-/, 'never'],
  [/^x-amz-server-side-encryption-(?:aws-kms-key-id|context)$/, 'where'],
  [/^x-amz-request-payer$/, 'where'],
  [/^x-amz-website-redirect-location$/, 'ownSite'],
];

/** Which values a found config file may give one object header, in any letter case. @internal */
export function foundFileHeaderRule(name: string): FoundFileRule {
  const plain = name.trim().toLowerCase();
  return BY_HEADER.find(([names]) => names.test(plain))?.[1] ?? 'free';
}
