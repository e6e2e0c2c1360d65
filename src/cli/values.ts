import { UsageError } from '../errors.js';
import { didYouMean } from '../near-names.js';
import type { OptionRow } from '../option-row.js';
import type { Values } from '../settings/engine-options.js';
import { namedValues } from '../settings/named-values.js';
import type { Given } from './argv.js';
import { filtersFromArgv } from './filters-from-argv.js';
import { gzipFromArgv } from './gzip-from-argv.js';
import { refuseRetiredValue } from './retired.js';

/** Options of which several flags make one value. */
const JOINED: ReadonlySet<string> = new Set(['include', 'exclude', 'gzip', 'gzipType']);

/** Turns options as given into values; throws `UsageError` for what cannot be read, or was given twice. */
export function valuesOf(given: readonly Given[]): Values {
  const byRow = new Map<OptionRow, Given[]>();
  for (const one of given) byRow.set(one.row, [...(byRow.get(one.row) ?? []), one]);
  const values: Record<string, unknown> = {};
  for (const [row, all] of byRow) {
    const [first] = all;
    if (first === undefined || JOINED.has(row.name)) continue;
    if (row.type === 'headers') values[row.name] = namedValues(all, ':', 'Name: value', '"Cache-Control: no-cache"');
    else if (row.type === 'pairs') values[row.name] = namedValues(all, '=', 'name=value', 'owner=docs');
    else if (row.type === 'texts') values[row.name] = all.map(({ value }) => String(value));
    else if (row.type === 'switch') values[row.name] = switchOf(all);
    else values[row.name] = singleOf(all, first);
  }
  return { ...values, ...filtersFromArgv(given), ...gzipFromArgv(given) };
}

function singleOf(all: readonly Given[], first: Given): unknown {
  const second = all[1];
  if (second !== undefined) {
    const names = first.as === second.as ? `${first.as} is` : `${first.as} and ${second.as} mean the same and are`;
    throw new UsageError(
      `${names} given twice: "${first.value}" and "${second.value}".`,
      'It takes one value; give it once.',
    );
  }
  const { row, as } = first;
  const text = String(first.value);
  refuseRetiredValue(row.name, as, text);
  if (row.type === 'integer') {
    if (row.choices?.includes(text)) return text;
    if (/^\d+$/.test(text)) return Number(text);
    const or = row.choices === undefined ? '' : ` or ${row.choices.join(', ')}`;
    throw new UsageError(`${as}: "${text}" is not a whole number${or}.`);
  }
  if (row.type === 'choice' && row.choices !== undefined && !row.choices.includes(text)) {
    // A near ACL may be one that lets the world write: who may do what is not guessed.
    const hint =
      row.name === 'acl' ? 'Without the option none is sent, as most buckets want it.' : didYouMean(text, row.choices);
    throw new UsageError(`${as}: "${text}" is not one of ${row.choices.join(', ')}.`, hint);
  }
  return text;
}

function switchOf(all: readonly Given[]): boolean {
  const on = all.find(({ value }) => value === true);
  const off = all.find(({ value }) => value === false);
  if (on !== undefined && off !== undefined) throw new UsageError(`${on.as} and ${off.as} contradict each other.`);
  return on !== undefined;
}
