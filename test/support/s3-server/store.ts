import { ByteRate } from './byte-rate.js';
import type { Checksum } from './checksum.js';
import { type Compare, compareUtf8, compareUtf16, SortedKeys } from './key-order.js';
import { S3_MODE, type S3Mode } from './mode.js';
import type { ObjectHead } from './object-head.js';
import { Uploads } from './uploads.js';

/** An object as it lies in a bucket. */
export interface StoredObject extends ObjectHead {
  /** Empty on a server that drops bodies. */
  readonly body: Buffer;
  /** Bytes. */
  readonly size: number;
  /** Unquoted. */
  readonly etag: string;
  readonly checksum: Checksum | undefined;
  /** Sizes of the parts that it was completed from; undefined for an object that came in one put. */
  readonly partSizes?: readonly number[];
  /** Milliseconds since the epoch, whole seconds. */
  readonly lastModified: number;
}

export class StoredBucket {
  readonly name: string;
  readonly created: number;
  readonly #objects: Map<string, StoredObject> = new Map();
  readonly #keys: SortedKeys = new SortedKeys();
  /** Time, in milliseconds, up to which the put rate is used up. */
  busyUntil = 0;
  /** How fast bodies come in. */
  readonly byteRate: ByteRate = new ByteRate();
  /** Multipart uploads that are not completed. */
  readonly uploads: Uploads = new Uploads();

  constructor(name: string, created: number) {
    this.name = name;
    this.created = created;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  set(key: string, object: StoredObject): void {
    if (!this.#objects.has(key)) this.#keys.add(key);
    this.#objects.set(key, object);
  }

  delete(key: string): boolean {
    const existed = this.#objects.delete(key);
    if (existed) this.#keys.remove(key);
    return existed;
  }

  keys(order: S3Mode['order']): { readonly sorted: readonly string[]; readonly compare: Compare } {
    const compare = order === 'utf16' ? compareUtf16 : compareUtf8;
    return { sorted: this.#keys.inOrder(compare), compare };
  }
}

/** All buckets of a server, and how each of them behaves. */
export class Store {
  readonly buckets: Map<string, StoredBucket> = new Map();
  #server: S3Mode;
  readonly #patches: Map<string, Partial<S3Mode>> = new Map();
  readonly #modes: Map<string, S3Mode> = new Map();

  constructor(mode: Partial<S3Mode>) {
    this.#server = { ...S3_MODE, ...mode };
  }

  create(name: string, mode: Partial<S3Mode>): StoredBucket {
    const bucket = new StoredBucket(name, Date.now());
    this.buckets.set(name, bucket);
    this.#patches.delete(name);
    this.switchMode(mode, name);
    return bucket;
  }

  remove(name: string): void {
    this.buckets.delete(name);
    this.#patches.delete(name);
    this.#modes.delete(name);
  }

  /** Changes the mode of one bucket, or of the server under all buckets' own. */
  switchMode(mode: Partial<S3Mode>, bucket?: string): void {
    if (bucket === undefined) this.#server = { ...this.#server, ...mode };
    else this.#patches.set(bucket, { ...this.#patches.get(bucket), ...mode });
    this.#modes.clear();
  }

  modeOf(bucket: string): S3Mode {
    const known = this.#modes.get(bucket);
    if (known !== undefined) return known;
    const patch = this.#patches.get(bucket);
    if (patch === undefined) return this.#server;
    const mode = { ...this.#server, ...patch };
    this.#modes.set(bucket, mode);
    return mode;
  }
}
