import { S3RequestError } from './errors.js';
import type { Bucket } from './s3/bucket.js';
import type { CopyEntry } from './source/bucket-source.js';
import type { Relay } from './transfer/copy/copy-deps.js';

export interface RelayDeps {
  /** Both buckets are one server's. */
  readonly oneService: boolean;
  /** The two sides have credentials of their own. */
  readonly ownCredentials: boolean;
  /** The source's bucket, by the credentials of the destination. */
  readonly openSourceAsDest: () => Promise<Bucket>;
  readonly warn: (code: string, message: string) => void;
  readonly asked: (why: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Finds out whether the server can copy by itself: it reads the source by the destination's credentials. Where these are not the source's, the
 * first object that is to be copied shows by a HEAD whether they may read it.
 */
export function chooseRelay(deps: RelayDeps): Relay {
  const { oneService, ownCredentials, warn } = deps;
  let reason: string | undefined = oneService ? undefined : 'the endpoints differ';
  let asked: Promise<void> | undefined;
  let known = false;

  async function ask({ sourceKey, versionId }: CopyEntry): Promise<void> {
    const bucket = await deps.openSourceAsDest();
    try {
      deps.asked("whether the destination's credentials can read the source");
      await bucket.headObject(sourceKey, deps.signal, { versionId });
      known = true;
    } catch (error) {
      if (!(error instanceof S3RequestError) || error.status === undefined || error.status >= 500) throw error;
      needed("the destination's credentials cannot read the source");
    } finally {
      bucket.close();
    }
  }

  function needed(why: string): void {
    if (reason !== undefined) return;
    reason = why;
    warn('relayed', `Objects go through this machine: ${why}.`);
  }

  return {
    needed,
    why(entry) {
      if (reason !== undefined || !ownCredentials || known) return reason;
      asked ??= ask(entry).finally(() => {
        asked = undefined;
      });
      return asked.then(() => reason);
    },
  };
}
