import type { Answer } from '../http/answer.js';
import type { ObjectHead } from '../objects/object-head.js';
import type { Checksum } from './checksum.js';
import type { Compare } from './key-order.js';
import type { UploadChecksum } from './upload-checksum.js';

/** A part as it lies in an unfinished upload. */
export interface StoredPart {
  readonly number: number;
  /** Empty on a server that drops bodies. */
  readonly body: Buffer;
  /** Bytes. */
  readonly size: number;
  /** Unquoted: the MD5, or random under KMS. */
  readonly etag: string;
  /** In hex. */
  readonly md5: string;
  readonly checksum: Checksum | undefined;
  /** Milliseconds since the epoch, whole seconds. */
  readonly lastModified: number;
}

/** A multipart upload that is neither completed nor aborted. */
export interface StoredUpload {
  readonly uploadId: string;
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly initiated: number;
  /** What the object will have besides its bytes. */
  readonly head: ObjectHead;
  /** Undefined on a server that does without checksums. */
  readonly checksum: UploadChecksum | undefined;
  /** By number. */
  readonly parts: ReadonlyMap<number, StoredPart>;
}

type Begun = Omit<StoredUpload, 'parts'>;

interface Entry extends StoredUpload {
  initiated: number;
  readonly parts: Map<number, StoredPart>;
  /** Of uploads begun at the same time the first comes first. */
  readonly serial: number;
}

/** The multipart uploads of one bucket. Those that ended are remembered by their ids: listings go on from them. */
export class Uploads {
  readonly #open: Map<string, Entry> = new Map();
  readonly #ended: Map<string, Entry> = new Map();
  readonly #completed: Map<string, Answer> = new Map();
  #serial = 0;

  begin(begun: Begun): void {
    this.#open.set(begun.uploadId, { ...begun, parts: new Map(), serial: this.#serial++ });
  }

  /** The open upload with this id, if it is one of this key. */
  get(key: string, uploadId: string): StoredUpload | undefined {
    const entry = this.#open.get(uploadId);
    return entry?.key === key ? entry : undefined;
  }

  /** Keeps a part, in place of one with the same number. */
  setPart(uploadId: string, part: StoredPart): void {
    this.#must(uploadId).parts.set(part.number, part);
  }

  /** Ends an upload and forgets its parts; `completed` is what its completion was answered. */
  end(uploadId: string, completed?: Answer): void {
    const entry = this.#must(uploadId);
    this.#open.delete(uploadId);
    this.#ended.set(uploadId, { ...entry, parts: new Map() });
    if (completed !== undefined) this.#completed.set(uploadId, completed);
  }

  /** What completing this upload of this key was answered when it succeeded. */
  completionOf(key: string, uploadId: string): Answer | undefined {
    return this.#ended.get(uploadId)?.key === key ? this.#completed.get(uploadId) : undefined;
  }

  /** Sets the time at which an upload began back. */
  age(uploadId: string, milliseconds: number): void {
    this.#must(uploadId).initiated -= milliseconds;
  }

  /** Open uploads by key, those of one key by the time at which they began. */
  inOrder(compare: Compare): StoredUpload[] {
    return [...this.#open.values()].sort((a, b) => compare(a.key, b.key) || compareAge(a, b));
  }

  /** Open uploads by the time at which they began, whatever their keys. */
  byAge(): StoredUpload[] {
    return [...this.#open.values()].sort(compareAge);
  }

  /** Whether an upload comes after another one of the same key, which may have ended meanwhile. */
  isAfter(uploadId: string, markerId: string): boolean {
    const marker = this.#open.get(markerId) ?? this.#ended.get(markerId);
    return marker !== undefined && compareAge(this.#must(uploadId), marker) > 0;
  }

  #must(uploadId: string): Entry {
    const entry = this.#open.get(uploadId);
    if (entry === undefined) throw new Error(`No upload ${uploadId}`);
    return entry;
  }
}

function compareAge(a: Entry, b: Entry): number {
  return a.initiated - b.initiated || a.serial - b.serial;
}
