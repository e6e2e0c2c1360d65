import { S3Error } from './http/error.js';

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Makes the credentials temporary: every request must send this token. */
  readonly sessionToken?: string;
}

export interface CredentialLimits {
  /** The only buckets that the key may use, as the source of copies too; default all. */
  readonly buckets?: readonly string[];
}

/** The keys that a server knows. */
export class Credentials {
  readonly #known: Map<string, S3Credentials> = new Map();
  readonly #buckets: Map<string, readonly string[]> = new Map();
  readonly #expired: Set<string> = new Set();

  add(credentials: S3Credentials, { buckets }: CredentialLimits = {}): void {
    this.#known.set(credentials.accessKeyId, credentials);
    if (buckets === undefined) this.#buckets.delete(credentials.accessKeyId);
    else this.#buckets.set(credentials.accessKeyId, buckets);
    this.#expired.delete(credentials.accessKeyId);
  }

  /** From now on, requests with this key get 400 ExpiredToken. */
  expire(accessKeyId: string): void {
    this.#expired.add(accessKeyId);
  }

  /** Whether a key may do anything at all in a bucket. */
  mayUse(accessKeyId: string, bucket: string): boolean {
    return this.#buckets.get(accessKeyId)?.includes(bucket) ?? true;
  }

  /** The secret of a key, after checking the token sent with it. Throws S3's error. */
  secretFor(accessKeyId: string, token: string | undefined): string {
    const known = this.#known.get(accessKeyId);
    // A temporary key without its token is unknown to S3.
    if (known === undefined || (known.sessionToken !== undefined && token === undefined)) {
      throw new S3Error('InvalidAccessKeyId', { AWSAccessKeyId: accessKeyId });
    }
    if (token !== known.sessionToken) throw new S3Error('InvalidToken', { 'Token-0': token ?? '' });
    if (this.#expired.has(accessKeyId)) throw new S3Error('ExpiredToken', { 'Token-0': token ?? '' });
    return known.secretAccessKey;
  }
}
