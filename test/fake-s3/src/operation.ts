import type { Answer } from './http/answer.js';
import type { S3Request } from './http/request.js';
import type { S3Mode } from './mode.js';
import type { Store, StoredBucket } from './store/store.js';

/** The input of an operation before its body is read. */
export interface Head {
  readonly request: S3Request;
  readonly mode: S3Mode;
  readonly store: Store;
  /** Milliseconds since the epoch by the server's clock. */
  readonly now: number;
  /** Bytes; larger bodies are refused. */
  readonly maxObjectSize: number;
  /** Objects are stored without their bytes. */
  readonly dropBodies: boolean;
}

export interface Call extends Head {
  readonly body: Buffer;
  /** Of the body, in hex. */
  readonly md5: string;
  readonly trailers: ReadonlyMap<string, string>;
  /** Whether the signer of the request may use a bucket; the bucket's mode may deny more. */
  mayUse(bucket: string): boolean;
}

/** An operation on a bucket, or on an object in it. */
export interface BucketOperation {
  /** Refuses a request by its head alone, so that the client need not send the body. */
  check?(head: Head): void;
  run(call: Call, bucket: StoredBucket): Answer;
}

/** An operation that needs no existing bucket. */
export interface ServiceOperation {
  run(call: Call): Answer;
}
