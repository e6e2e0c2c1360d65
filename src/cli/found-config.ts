import {
  CLI_ROWS,
  type FoundRefusal,
  findAlwaysRefused,
  findRefusedInRun,
  flagFor,
  foundFileRule,
} from '../config/found-file.js';
import type { ConfigLayer } from '../config/layers.js';
import { printable } from '../report/format.js';
import { shownValue } from '../report/mask-secrets.js';
import { isQuiet } from './output/lines.js';

/** A config file that was found in the working directory and that `--config` does not name. */
export interface FoundConfig {
  readonly settings: ConfigLayer;
  /**
   * What the file may not set, in the order of its lines.
   * @param settings the merged settings; empty if they are not known yet
   * @param copy the destination of a copy, which the command line always names
   */
  refusals(settings: ConfigLayer, copy?: string): readonly FoundRefusal[];
  /**
   * The line that says which file was found and which options it sets, named as on the command line. Options that say what is put and where it
   * goes are shown with their values. A quiet run prints the line too, unless the file sets nothing; the file's own `quiet` does not count.
   */
  notice(settings: ConfigLayer): string | undefined;
}

/** The config file that was found in the working directory. This module is loaded only if there is one. */
export function foundConfig(file: string, found: ConfigLayer): FoundConfig {
  return {
    settings: found,
    refusals(settings, copy) {
      const always = findAlwaysRefused(file, found);
      const names = new Set(always.map(({ name }) => name));
      const named =
        copy === undefined ? describeNamedBucket(settings) : `the command line names the destination ${copy}`;
      const inForce = findRefusedInRun(file, settings, named);
      return [...always, ...inForce.filter(({ name }) => !names.has(name))];
    },
    notice: (settings) => notice(file, found, settings),
  };
}

/** How the user names the bucket, on the command line or by a variable; undefined if the found file names it. */
function describeNamedBucket(settings: ConfigLayer): string | undefined {
  const bucket = settings.get('bucket');
  if (bucket === undefined || bucket.found === true) return undefined;
  const origin = bucket.from === 'command line' ? 'the command line' : bucket.from;
  return `${origin} names the destination ${shownValue(bucket.value)}`;
}

function notice(file: string, found: ConfigLayer, settings: ConfigLayer): string | undefined {
  const set = [...settings].filter(([name, setting]) => setting.found === true && found.has(name));
  const places = set.filter(([name]) => showsValue(name));
  const quiet = settings.get('quiet');
  if (isQuiet(quiet?.value) && quiet?.found !== true && set.length === 0) return undefined;
  const others = set.filter(([name]) => !showsValue(name));
  const words = [
    ...places.map(([name, { value }]) => `${wordOf(name, value)}${valueText(name, value)}`),
    ...others.map(([name, { value }]) => wordOf(name, value)),
  ];
  const what = words.length === 0 ? 'it sets nothing here' : `it sets ${words.join(', ')}`;
  return printable(`Using ${file}, which was found in the working directory: ${what}.`);
}

/** The spelling of a switch is its value. */
function valueText(name: string, value: unknown): string {
  if (typeof value === 'boolean') return '';
  return ` ${shownValue(Array.isArray(value) && value.length === 1 ? value[0] : value, name)}`;
}

function showsValue(name: string): boolean {
  return name === 'bucket' || ['where', 'inside'].includes(String(foundFileRule(name)));
}

function wordOf(name: string, value: unknown): string {
  const row = CLI_ROWS.get(name);
  return row === undefined || row.type === 'operands' || row.inConfigFile === true ? name : flagFor(row, value);
}
