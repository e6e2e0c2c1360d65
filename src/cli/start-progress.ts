import { lineProgress, type Progress } from './progress.js';
import { canRedraw } from './terminal.js';

const NO_PROGRESS: Progress = { onEvent: () => undefined, printAbove: undefined, stop: () => undefined };

/** On stderr a bar if that is a terminal, else a line every few seconds; nothing where it is not wanted. */
export async function startProgress(wanted: boolean): Promise<Progress> {
  const { stdout, stderr, env } = process;
  if (!wanted) return NO_PROGRESS;
  if (!canRedraw(stderr, env)) return lineProgress((line) => stderr.write(`${line}\n`));
  const { barProgress } = await import('./progress-bar.js');
  return barProgress(stderr, stdout.isTTY ? (text) => stdout.write(text) : undefined);
}
