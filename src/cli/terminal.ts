import type { Paint, Tone } from '../report/text.js';

/** What is asked of an output stream. */
export interface Output {
  readonly isTTY?: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

const CODES: Readonly<Record<Tone, number>> = { good: 32, bad: 31, faint: 2, warning: 33 };

/**
 * Whether a stream gets colour: `NO_COLOR` forbids it (https://no-color.org), `FORCE_COLOR` other than `0` asks for it,
 * otherwise a terminal that is not `dumb` has it.
 */
export function hasColour(stream: Output, env: Environment): boolean {
  if ((env.NO_COLOR ?? '') !== '') return false;
  const force = env.FORCE_COLOR;
  if (force !== undefined) return force !== '0' && force !== 'false';
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** Colours for a stream, or text as it is. */
export function paintFor(stream: Output, env: Environment): Paint {
  return hasColour(stream, env) ? (tone, text) => `\u001b[${CODES[tone]}m${text}\u001b[0m` : (_tone, text) => text;
}

/** Whether a line can be drawn anew in place. */
export function canRedraw(stream: Output, env: Environment): boolean {
  return stream.isTTY === true && env.TERM !== 'dumb';
}
