import { setTimeout as sleep } from 'node:timers/promises';

/** The service of tokens may hang as any other. */
const PATIENCE_MS = 30_000;
const AGAIN_MS = 1_000;

/** A token of OpenID Connect, asked for once more where the first answer is none. Throws an error with a hint. */
export async function idToken(ask: () => Promise<string>, patienceMs: number = PATIENCE_MS): Promise<string> {
  try {
    return await within(patienceMs, ask()).catch(async () => {
      await sleep(AGAIN_MS);
      return within(patienceMs, ask());
    });
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    const hint = 'Has the job the permission id-token: write? If so, the service may be down: run the job again.';
    const error = new Error(`GitHub gave no token of OpenID Connect: ${said.replaceAll(/\s+/g, ' ').trim()}`, {
      cause,
    });
    throw Object.assign(error, { hint });
  }
}

async function within<T>(ms: number, waited: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = sleep(ms, undefined, { signal: over.signal }).then(() => {
    throw new Error(`no answer in ${ms / 1_000} s`);
  });
  late.catch(() => {});
  try {
    return await Promise.race([waited, late]);
  } finally {
    over.abort();
  }
}
