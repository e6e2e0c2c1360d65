import type { S3Client } from '@aws-sdk/client-s3';
import { S3RequestError } from '../errors.js';

const EXPIRED: ReadonlySet<string> = new Set(['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired']);

/** Sends with the client's credentials and, where S3 calls them expired, asks their source for new ones. */
export type Refreshing = <T>(send: () => Promise<T>) => Promise<T>;

/**
 * The SDK refreshes credentials whose expiry it knows; what S3 calls expired before that is asked for anew here, one question at a time.
 * Throws `S3RequestError` with the code `CredentialsRefreshed`, to be tried again, if that gave others, and the refusal itself if not.
 */
export function refreshing(client: Pick<S3Client, 'config'>): Refreshing {
  const current = () => client.config.credentials();
  let asking: ReturnType<typeof current> | undefined;

  const renewed = () => {
    asking ??= client.config.credentials({ forceRefresh: true }).finally(() => {
      asking = undefined;
    });
    return asking;
  };

  return async (send) => {
    const used = await current();
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof S3RequestError) || !EXPIRED.has(error.code)) throw error;
      const differs = (other: typeof used) =>
        other.accessKeyId !== used.accessKeyId || other.sessionToken !== used.sessionToken;
      // Another request may have asked already while this one was under way.
      if (!differs(await current()) && !differs(await renewed())) throw error;
      throw new S3RequestError(error.message, { ...error, code: 'CredentialsRefreshed', cause: error });
    }
  };
}
