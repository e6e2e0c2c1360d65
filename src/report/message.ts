import { maskUrlsIn } from './mask-secrets.js';
import type { RunEvent } from './types.js';

/** A text for people: words alone, or a message that names options. */
export type Text = string | Message;

/** The most characters of a text that outcomes, reports and logs keep: servers and hooks may throw messages of any length. */
export const LONGEST_TEXT = 4_000;
/** The same for an error code or a request id. */
export const LONGEST_CODE = 200;

/** A text of at most `longest` characters, and `…` where more were cut. */
export function shorten(text: string, longest: number = LONGEST_TEXT): string {
  if (text.length <= longest) return text;
  const half = /[\ud800-\udbff]$/.test(text.slice(longest - 1, longest));
  // A slice refers to the whole text and keeps it in memory; a parsed copy does not.
  return `${JSON.parse(JSON.stringify(text.slice(0, half ? longest - 1 : longest)))}…`;
}

/** A text as it is where it is short, else cut: then without its options, whose values may be long. */
export function shortText(text: Text): Text {
  const shown = String(text);
  return shown.length <= LONGEST_TEXT ? text : shorten(shown);
}

/** How an option is written, alone or with a value that belongs to it. */
export type NameOption = (option: string, value?: string) => string;

/** Placeholders that are not options: texts that one face words otherwise. These are the usual ones. */
export const TEXTS: ReadonlyMap<string, string> = new Map([
  ['workingDirectory', 'the working directory'],
  ['relativePaths', 'relative paths begin at the working directory'],
  ['keyFunction', 'the function "key"'],
  ['giveCredentials', 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, choose a profile, or use a role.'],
]);

/** `minSize`, or `gzip: false`. */
export const asInApi: NameOption = (option, value) =>
  TEXTS.get(option) ?? (value === undefined ? option : `${option}: ${value}`);

/** `{minSize}`, or `{gzip: false}` where a value belongs to the option. */
const PLACEHOLDER = /\{([^{}:]+)(?:: ([^{}]+))?\}/g;

/**
 * A message that names options by placeholder, so that each face can write them as its users do. Only the words of the message can hold a
 * placeholder: values stand apart from them, so that a file called `{minSize}` keeps its name; URLs among them lose their passwords. As a string it is what the API shows: the words
 * without their braces.
 */
export class Message {
  readonly #words: readonly string[];
  readonly #values: readonly unknown[];
  constructor(words: readonly string[], values: readonly unknown[]) {
    this.#words = words;
    this.#values = values;
  }

  render(name: NameOption): string {
    const text = (value: unknown): string =>
      value instanceof Message ? value.render(name) : maskUrlsIn(String(value));
    return this.#words
      .map((words, index) => {
        const written = words.replace(PLACEHOLDER, (_whole, option: string, value?: string) => name(option, value));
        return index < this.#values.length ? written + text(this.#values[index]) : written;
      })
      .join('');
  }

  toString(): string {
    return this.render(asInApi);
  }
}

/** Makes a message: `` msg`Leave ${path} out by {exclude}.` `` */
export function msg(words: TemplateStringsArray, ...values: readonly unknown[]): Message {
  return new Message(words, values);
}

/** The placeholder of an option whose name is in a variable. Whatever is no option's name is shown as it is. */
export function option(name: string): Message {
  return new Message([`{${name}}`], []);
}

/** An option with a value that is in a variable, as the users of a face write it: `--region eu-west-1`, `region: 'eu-west-1'`. */
export function given(name: string, value: string): Message {
  // A brace would end the placeholder.
  return /[{}]/.test(value) ? new Message([`{${name}} `, ''], [value]) : new Message([`{${name}: '${value}'}`], []);
}

/** The property that holds the messages of an object; it is not enumerable, so neither JSON nor a comparison has it. */
const MESSAGES = Symbol('messages');

/** Keeps the messages of which an object has the texts, for {@link textIn}. */
export function keepMessages(target: object, texts: Readonly<Record<string, Text | undefined>>): void {
  const messages = Object.entries(texts).filter(([, text]) => text instanceof Message);
  if (messages.length > 0)
    Object.defineProperty(target, MESSAGES, { value: Object.fromEntries(messages), configurable: true });
}

/** A text of an object, as the message that it was made of where that is known; undefined where the object has no such text. */
export function textIn<F extends PropertyKey>(target: { readonly [Name in F]: string }, field: F): Text;
export function textIn(target: unknown, field: PropertyKey): Text | undefined;
export function textIn(target: unknown, field: PropertyKey): Text | undefined {
  if (typeof target !== 'object' || target === null) return undefined;
  const shown = (target as Readonly<Record<PropertyKey, unknown>>)[field];
  if (typeof shown !== 'string') return undefined;
  const kept = (target as { readonly [MESSAGES]?: Readonly<Record<PropertyKey, Message>> })[MESSAGES]?.[field];
  return kept !== undefined && String(kept) === shown ? kept : shown;
}

/** The event of a warning. */
export function warning(code: string, message: Text): RunEvent {
  const event: RunEvent = { type: 'warning', code, message: String(message) };
  keepMessages(event, { message });
  return event;
}
