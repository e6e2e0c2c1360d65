/** Whether somebody can be asked: the question is on stderr, the answer comes from standard input. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * Asks a question on the terminal; only `y` and `yes` are a yes. The end of the input, Ctrl-C and an abort are a no.
 * @param signal ends the wait for an answer
 */
export async function askOnTerminal(question: string, signal?: AbortSignal): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const close = (): void => terminal.close();
  signal?.addEventListener('abort', close, { once: true });
  try {
    // After it is closed, the answer never comes.
    const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
    const answer = await Promise.race([terminal.question(question), closed]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    signal?.removeEventListener('abort', close);
    terminal.close();
  }
}
