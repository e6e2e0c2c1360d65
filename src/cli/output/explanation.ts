import type { ConfigLayer } from '../../config/layers.js';
import type {
  ExplainedHeader,
  ExplainedName,
  Explanation,
  FilterDecision,
  HeaderOrigin,
  LeftOut,
  NamedRule,
} from '../../explain.js';
import { formatBytes, type Paint, printable } from '../../report/format.js';
import { jsonError, jsonText } from '../../report/json.js';
import { maskSecrets } from '../../report/mask-secrets.js';
import { shorten, type Text, textIn } from '../../report/message.js';
import { isUnchanged } from '../../report/reasons.js';
import { withFlags } from '../errors.js';

/** One line of an explanation: what is, and why. */
type Row = readonly [what: string, why: string];

const WIDEST = 48;

/** An explanation as lines for people, with a line end behind the last. */
export function explanationText(explanation: Explanation, settings: ConfigLayer, paint: Paint): string {
  const { source, path, size } = explanation;
  const bytes = size === undefined ? '' : `, ${formatBytes(size)}`;
  const from = placeOf(settings, 'source');
  // A file with a key of its own is the source itself.
  const name = settings.has('as') ? printable(source) : `${printable(path)} in ${printable(source)}`;
  const head = `${name}${bytes}${from === undefined ? '' : paint('faint', ` (source: ${from})`)}`;
  const rows = rowsOf(explanation, settings).map(
    ([what, why]) => [printable(shorten(what)), printable(shorten(why))] as const,
  );
  const at = Math.min(WIDEST, Math.max(0, ...rows.map(([what]) => what.length)));
  const lines = rows.map(([what, why]) => (why === '' ? `  ${what}` : `  ${what.padEnd(at)}  ${paint('faint', why)}`));
  const notes = explanation.warnings.map((warning) => `  ${paint('warning', 'warning:')} ${shown(warning)}`);
  return `${[head, ...lines, ...notes].join('\n')}\n`;
}

function rowsOf(explanation: Explanation, settings: ConfigLayer): readonly Row[] {
  const { leftOut, failure, key, headers = [], gzip, phase, shard, filter } = explanation;
  if (leftOut !== undefined) return [['left out', leftOutText(leftOut, explanation, settings)]];
  if (failure !== undefined) return [['would fail', errorWords(failure)]];
  const rows: Row[] = [];
  if (key !== undefined) rows.push([`key: ${key.key}`, keyText(key, settings)]);
  if (key?.folder !== undefined) rows.push([`and key: ${key.folder}`, 'the page of its folder (clean URLs)']);
  for (const header of headers) rows.push([`${header.name}: ${shownValue(header)}`, headerText(header, settings)]);
  if (gzip !== undefined)
    rows.push([compressionText(gzip), `${gzip.reason}; ${giverOf(gzip.rule, optionOf(gzip), settings)}`]);
  if (phase !== undefined) {
    const why = phase.rule === undefined ? (phase.why ?? '') : ruleText(phase.rule, settings);
    rows.push([`phase: ${phase.phase}`, phase.ordered ? why : `${why}; without effect, because the order is none`]);
  }
  if (shard !== undefined) rows.push([`shard: ${shard.index} of ${shard.count}`, PUT_BY[shard.putBy]]);
  if (filter.by !== 'nothing' || filter.filters) rows.push(['filters: taken', filterText(filter, settings)]);
  return [...rows, ...decisionRows(explanation, settings)];
}

const PUT_BY: Readonly<Record<NonNullable<Explanation['shard']>['putBy'], string>> = {
  this: 'uploaded by the job with these options',
  other: 'uploaded by another job',
  finish: 'uploaded by the command finish, because it is a page',
};

type Compression = NonNullable<Explanation['gzip']>;

function compressionText(gzip: Compression): string {
  const { compressed, encoding } = gzip;
  return `${optionOf(gzip)}: ${compressed ? (encoding ?? 'yes') : 'no'}`;
}

function optionOf({ encoding }: Compression): 'gzip' | 'compress' {
  return encoding === undefined ? 'gzip' : 'compress';
}

function keyText(key: NonNullable<Explanation['key']>, settings: ConfigLayer): string {
  const where = key.fromWorkingDirectory
    ? `the working directory (${giverOf(undefined, 'keyBase', settings)})`
    : 'the source';
  const own =
    key.by === 'as'
      ? giverOf(undefined, 'as', settings)
      : key.by === 'function'
        ? 'the function "key"'
        : key.by === 'cleanUrls'
          ? `its path in ${where}, without its ending (clean URLs)`
          : `its path in ${where}`;
  const given = placeOf(settings, 'prefix') ?? placeOf(settings, 'bucket');
  return key.prefix === '' ? own : `${own}, below the prefix ${key.prefix}${given === undefined ? '' : ` (${given})`}`;
}

function headerText(header: ExplainedHeader, settings: ConfigLayer): string {
  const own = originText(header.origin, settings, header.name);
  const removed = header.value === '' ? `${own}; an empty value removes it` : own;
  const instead = (header.instead ?? []).map(
    (one) => `${shownValue(one)} (${originText(one.origin, settings, header.name)})`,
  );
  return instead.length === 0 ? removed : `${removed}; instead of ${instead.toReversed().join(' and ')}`;
}

/** The value of a header, unless it is a secret. */
function shownValue({ name, value }: Pick<ExplainedHeader, 'name' | 'value'>): string {
  return String((maskSecrets({ [name]: value }) as Readonly<Record<string, unknown>>)[name]);
}

function originText(origin: HeaderOrigin, settings: ConfigLayer, header: string): string {
  const isEncoding = header === 'content-encoding';
  switch (origin.by) {
    case 'name':
      return `guessed from the name ${baseName(origin.name)}`;
    case 'bytes':
      return isEncoding
        ? 'the bytes, which are compressed already'
        : `guessed from the name ${baseName(origin.name)} and the bytes`;
    case 'preset':
      return `preset ${origin.preset}: ${origin.why}`;
    case 'option':
      return giverOf(undefined, origin.option, settings);
    case 'rule':
      return ruleText(origin, settings);
    case 'function':
      return 'the function "headers"';
    case 'gzip':
    case 'compress':
      return 'compressed by this run';
  }
}

/** Only the last segment shows a type. */
function baseName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** What gave an option its value: a rule, a flag, a variable, or a place in a file. */
function giverOf(rule: NamedRule | undefined, option: string, settings: ConfigLayer): string {
  if (rule !== undefined) return ruleText(rule, settings);
  const place = placeOf(settings, option);
  if (place === undefined) return 'default';
  return /^(?:-|S3PP_)/.test(place) ? place : `${option} in ${place}`;
}

function placeOf(settings: ConfigLayer, option: string): string | undefined {
  return settings.get(option)?.from;
}

function ruleText({ number, match, origin }: NamedRule, settings: ConfigLayer): string {
  if (origin !== undefined) return `${origin} (${match})`;
  const rules = settings.get('rules');
  const place = rules?.placeOf?.([number - 1]) ?? rules?.from;
  return `rule ${number} (match ${JSON.stringify(match)})${place === undefined ? '' : ` in ${place}`}`;
}

function leftOutText(left: LeftOut, { filter, size = 0 }: Explanation, settings: ConfigLayer): string {
  switch (left.by) {
    case 'filter':
      return filterText(filter, settings);
    case 'rule':
      return `${ruleText(left, settings)} skips it`;
    case 'minSize':
      return `${formatBytes(size)} are less than ${giverOf(undefined, settings.has('minSize') ? 'minSize' : 'ignoreSmallFiles', settings)} (${formatBytes(left.limit)})`;
    case 'maxSize':
      return `${formatBytes(size)} are more than ${giverOf(undefined, 'maxSize', settings)} (${formatBytes(left.limit)})`;
    case 'function':
      return 'the function "filter"';
    case 'filesFrom':
      return `${giverOf(undefined, 'filesFrom', settings)} does not list it`;
    case 'precompressed':
      return 'a compressed copy: its file gets the best one (precompressed: replace)';
    case 'ownFile':
      return 'the run itself reads or writes this file';
    case 'kind':
      return left.reason;
  }
}

/** What took or left out a name. */
function filterText(filter: FilterDecision, settings: ConfigLayer): string {
  switch (filter.by) {
    case 'junk':
      return 'files of version control and of the desktop are never uploaded';
    case 'hidden':
      return `${giverOf(undefined, 'hidden', settings)} leaves out names that begin with a dot`;
    case 'nothing':
      if (!filter.filters) return 'there is no filter';
      return filter.taken
        ? 'no filter matches'
        : 'no filter matches, and the first is an include: all else is left out';
    default: {
      const { by, pattern, directory, taken } = filter;
      const below = directory === undefined ? '' : `, by the folder ${directory}`;
      return `${patternText(by, pattern, taken, settings)}${below}`;
    }
  }
}

/** A filter as it was given: on the command line in its order, where an include behind an exclude is `!glob` in the list of the API. */
function patternText(by: 'include' | 'exclude', pattern: string, taken: boolean, settings: ConfigLayer): string {
  const setting = settings.get(by);
  if (setting === undefined) return `${by} ${pattern}`;
  if (setting.from.startsWith('-')) {
    const flipped = taken !== (by === 'include');
    return `--${taken ? 'include' : 'exclude'} ${quoted(flipped ? pattern.slice(1) : pattern)}`;
  }
  const index = Array.isArray(setting.value) ? setting.value.indexOf(pattern) : -1;
  return `${by} ${JSON.stringify(pattern)} in ${setting.placeOf?.(index < 0 ? [] : [index]) ?? setting.from}`;
}

function quoted(glob: string): string {
  return `'${glob.replaceAll("'", "'\\''")}'`;
}

const ACTIONS: Readonly<Record<string, string>> = {
  put: 'would upload',
  metadata: 'would change its headers',
  fail: 'would fail',
  refuse: 'would be refused',
  unknown: 'unknown',
};

function decisionWord(action: string, reason: string): string {
  return action === 'skip' ? (isUnchanged(reason) ? 'unchanged' : 'would skip') : (ACTIONS[action] ?? action);
}

function decisionRows({ decision, key }: Explanation, settings: ConfigLayer): readonly Row[] {
  if (decision === undefined)
    return [['decision: unknown', 'no destination is given, so no request was made to see what the bucket has']];
  const { action, reason, folder, requests, error, headerChanges = [] } = decision;
  const word = decisionWord(action, reason);
  const sent = Object.entries(requests).map(([verb, count]) => `${count} ${verb}`);
  const why = error === undefined ? reason : errorWords(error);
  const changes = headerChanges.map(
    ({ name, from = '(none)', to = '(none)' }): Row => [`  ${name}: ${from} → ${to}`, ''],
  );
  const bucket = placeOf(settings, 'bucket');
  const place = bucket === 'command line' ? undefined : bucket;
  const seen = sent.length === 0 ? 'no request' : sent.join(', ');
  const second: readonly Row[] =
    folder === undefined
      ? []
      : [[`  ${key?.folder ?? ''}: ${decisionWord(folder.action, folder.reason)}`, folder.reason]];
  const made = `${why} (${seen}${place === undefined ? '' : `; bucket: ${place}`})`;
  return [[`decision: ${word}`, made], ...changes, ...second];
}

function errorWords(error: Error): string {
  const hint = textIn(error, 'hint');
  return `${withFlags(textIn(error, 'message'))}${hint === undefined ? '' : ` ${withFlags(hint)}`}`;
}

function shown(text: Text): string {
  return printable(shorten(withFlags(text)));
}

/** An explanation as one JSON object on one line, with where each option was given. */
export function explanationJson(explanation: Explanation, settings: ConfigLayer): string {
  const { failure, headers, decision, warnings, gzip, phase, leftOut, ...rest } = explanation;
  const { error, ...decided } = decision ?? {};
  return jsonText({
    type: 'explanation',
    ...rest,
    filter: withPlace(rest.filter, settings),
    ...(leftOut !== undefined && { leftOut: withPlace(leftOut, settings) }),
    ...(failure !== undefined && { failure: jsonError(failure) }),
    ...(headers !== undefined && { headers: headers.map((header) => headerJson(header, settings)) }),
    ...(gzip !== undefined && { gzip: { ...gzip, from: placeOfGiver(gzip.rule, optionOf(gzip), settings) } }),
    ...(phase !== undefined && { phase: { ...phase, ...(phase.rule && { from: placeOfRule(phase.rule, settings) }) } }),
    ...(decision !== undefined && {
      decision: { ...decided, ...(error !== undefined && { error: jsonError(error) }) },
    }),
    warnings: warnings.map((warning) => shorten(withFlags(warning))),
  });
}

function headerJson(header: ExplainedHeader, settings: ConfigLayer): unknown {
  const { name, origin, instead } = header;
  const own = { name, value: shownValue(header), origin: withPlace(origin, settings) };
  return instead === undefined ? own : { ...own, instead: instead.map((one) => headerJson(one, settings)) };
}

/** With `from`, where the option or the rule was given. */
function withPlace<T extends HeaderOrigin | LeftOut | FilterDecision>(origin: T, settings: ConfigLayer): T {
  const from =
    'number' in origin
      ? placeOfRule(origin, settings)
      : placeOf(settings, 'option' in origin ? origin.option : origin.by);
  return from === undefined ? origin : { ...origin, from };
}

function placeOfGiver(rule: NamedRule | undefined, option: string, settings: ConfigLayer): string {
  return (rule === undefined ? placeOf(settings, option) : placeOfRule(rule, settings)) ?? 'default';
}

function placeOfRule({ number, origin }: NamedRule, settings: ConfigLayer): string | undefined {
  if (origin !== undefined) return origin;
  const rules = settings.get('rules');
  return rules?.placeOf?.([number - 1]) ?? rules?.from;
}

/** Whether the AWS CLI would do otherwise. */
export function tellsApart({ filter, rule, aws }: ExplainedName): boolean {
  return (filter.taken && rule === undefined) !== aws.taken;
}

/** What is done with each name, a line for each. */
export function nameText(names: readonly ExplainedName[], settings: ConfigLayer, paint: Paint): readonly string[] {
  const rows = names.map((one) => {
    const { name, filter, rule } = one;
    const here = rule === undefined ? filterText(filter, settings) : `${ruleText(rule, settings)} skips it`;
    const taken = filter.taken && rule === undefined;
    const aws = tellsApart(one) ? paint('warning', `aws s3: ${awsText(one)}`) : paint('faint', 'aws s3: the same');
    return { name: printable(shorten(name)), here: printable(`${taken ? 'taken' : 'left out'}: ${here}`), aws };
  });
  const widthOf = (texts: readonly string[]): number =>
    Math.min(
      WIDEST,
      texts.reduce((most, { length }) => Math.max(most, length), 0),
    );
  const first = widthOf(rows.map(({ name }) => name));
  const second = widthOf(rows.map(({ here }) => here));
  return rows.map(({ name, here, aws }) => `${name.padEnd(first)}  ${here.padEnd(second)}  ${aws}`);
}

function awsText({ aws: { taken, by, pattern } }: ExplainedName): string {
  const why = by === undefined ? 'no filter matches' : `--${by} ${quoted(pattern ?? '')}`;
  return printable(`${taken ? 'taken' : 'left out'}: ${why}`);
}

/** What is done with one name, as a JSON object on one line. */
export function nameJson({ name, filter, rule, aws }: ExplainedName, settings: ConfigLayer): string {
  return jsonText({
    type: 'name',
    name,
    taken: filter.taken && rule === undefined,
    filter: withPlace(filter, settings),
    ...(rule !== undefined && { rule: withPlace({ by: 'rule', ...rule }, settings) }),
    aws,
  });
}
