import { formatBytes } from '../size.js';
import { bytesOf, fenced, fitting, oneLine } from './markdown.js';
import type { Change } from './told.js';

export interface DiffOptions {
  /** Changes that are not among them. */
  readonly more: number;
  /** The longest that the text may get. */
  readonly bytes: number;
  /** Says that so many are left out; Markdown. */
  readonly moreText: (count: number) => string;
}

/** `+` is green and `!` is orange where GitHub shows a diff. */
function signOf({ action, reason }: Change): string {
  if (action === 'delete') return '-';
  return reason === 'new' ? '+' : '!';
}

/** One change as a line of a diff, for example `+ js/app.js (new, 1.2 kB)`. */
export function changeLine(change: Change): string {
  const { action, key, reason, bytes, way } = change;
  const size = action === 'put' || action === 'copy' ? `, ${formatBytes(bytes)}` : '';
  const how = way === undefined || way === 'copied by the server' ? '' : `, ${way}`;
  return `${signOf(change)} ${oneLine(key)} (${oneLine(`${reason}${size}${how}`)})`;
}

/** Changes as a fenced diff: as many whole lines as fit, and how many more there are. */
export function diffOf(changes: readonly Change[], { more, bytes, moreText }: DiffOptions): string {
  const lines = changes.map(changeLine);
  const whole = fenced('diff', lines);
  if (more === 0 && bytesOf(whole) <= bytes) return whole;
  const room = bytes - bytesOf(fenced('diff', [])) - bytesOf(moreText(changes.length + more)) - 2;
  const shown = fitting(lines, room);
  const left = lines.length - shown.length + more;
  const diff = shown.length > 0 ? [fenced('diff', shown)] : [];
  return [...diff, ...(left > 0 ? [moreText(left)] : [])].join('\n\n');
}
