import { ByteRate } from '../http/byte-rate.js';
import { S3_MODE, type S3Mode } from '../mode.js';
import type { ObjectHead } from '../objects/object-head.js';
import type { Checksum } from './checksum.js';
import { type Compare, compareUtf8, compareUtf16, SortedKeys } from './key-order.js';
import { Uploads } from './uploads.js';
import { newVersionId, Versions, versionOf } from './versions.js';

/** A stored object. */
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
  /** Texts by their names; a new object has none. */
  readonly annotations?: ReadonlyMap<string, Buffer>;
  /** Milliseconds since the epoch, whole seconds. */
  readonly lastModified: number;
  /** Undefined if it was put while the bucket had no versioning. */
  readonly versionId?: string;
}

export class StoredBucket {
  readonly name: string;
  readonly created: number;
  readonly #objects: Map<string, StoredObject> = new Map();
  readonly #versions: Versions = new Versions();
  readonly #keys: SortedKeys = new SortedKeys();
  /** Time, in milliseconds, up to which the put rate is used up. */
  busyUntil = 0;
  /** Rate at which bodies are read. */
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

  /** A version of an object, which may be the current one. */
  version(key: string, versionId: string): StoredObject | undefined {
    const object = this.#objects.get(key);
    return object !== undefined && versionOf(object) === versionId ? object : this.#versions.get(key, versionId);
  }

  /** Keys that have a version, current or not, in order of UTF-8 bytes. */
  versionedKeys(): readonly string[] {
    const { sorted } = this.keys('utf8');
    const gone = [...this.#versions.keys()].filter((key) => !this.#objects.has(key));
    return gone.length === 0 ? sorted : [...sorted, ...gone].sort(compareUtf8);
  }

  /** All versions of a key, the newest first. */
  versionsOf(key: string): readonly StoredObject[] {
    const current = this.#objects.get(key);
    return [...(current === undefined ? [] : [current]), ...this.#versions.of(key)];
  }

  /** Stores an object; a bucket with versioning keeps the previous one as a version. Returns the object with its version. */
  set(key: string, object: StoredObject, versioning: boolean): StoredObject {
    const before = this.#objects.get(key);
    if (before === undefined) this.#keys.add(key);
    else if (versioning) this.#versions.keep(key, before);
    const stored = versioning ? { ...object, versionId: newVersionId() } : object;
    this.#objects.set(key, stored);
    return stored;
  }

  /** Adds an annotation to the current version of an object. */
  annotate(key: string, name: string, text: Buffer): void {
    const object = this.#objects.get(key);
    if (object === undefined) return;
    this.#objects.set(key, { ...object, annotations: new Map(object.annotations).set(name, text) });
  }

  /** Replaces the tags of the current version of an object, which leaves its ETag and its date. */
  tag(key: string, tags: StoredObject['tags']): void {
    const object = this.#objects.get(key);
    if (object !== undefined) this.#objects.set(key, { ...object, tags });
  }

  /** Adds keys that are not there yet, which may share objects. */
  setMany(keys: readonly string[], objectAt: (index: number) => StoredObject): void {
    keys.forEach((key, i) => {
      if (this.#objects.has(key)) throw new Error(`${key} is there already`);
      this.#objects.set(key, objectAt(i));
    });
    this.#keys.addAll(keys);
  }

  delete(key: string, versioning: boolean): void {
    const before = this.#objects.get(key);
    if (before === undefined) return;
    if (versioning) this.#versions.keep(key, before);
    this.#objects.delete(key);
    this.#keys.remove(key);
  }

  keys(order: S3Mode['order']): { readonly sorted: readonly string[]; readonly compare: Compare } {
    const compare = order === 'utf16' ? compareUtf16 : compareUtf8;
    return { sorted: this.#keys.inOrder(compare), compare };
  }
}

/** All buckets of a server with their modes. */
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

  /** Changes the mode of one bucket, or of the server below the buckets' own modes. */
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
