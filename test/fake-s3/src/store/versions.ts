import { randomBytes } from 'node:crypto';
import type { StoredObject } from './store.js';

/** Previous versions of objects. */
export class Versions {
  /** By key, then by version. */
  readonly #kept: Map<string, Map<string, StoredObject>> = new Map();

  keep(key: string, object: StoredObject): void {
    const ofKey = this.#kept.get(key) ?? new Map<string, StoredObject>();
    ofKey.set(versionOf(object), object);
    this.#kept.set(key, ofKey);
  }

  /** Keys that have previous versions. */
  keys(): Iterable<string> {
    return this.#kept.keys();
  }

  /** Previous versions of a key, the newest first. */
  of(key: string): readonly StoredObject[] {
    return [...(this.#kept.get(key)?.values() ?? [])].reverse();
  }

  get(key: string, versionId: string): StoredObject | undefined {
    return this.#kept.get(key)?.get(versionId);
  }
}

/** An object that was put without versioning has the version `null`. */
export function versionOf({ versionId }: StoredObject): string {
  return versionId ?? 'null';
}

export function newVersionId(): string {
  return randomBytes(24).toString('base64url');
}

/** Response header with the version that was read or written, on a bucket with versioning. */
export function versionHeaders(object: StoredObject, versioning: boolean): Record<string, string> {
  return object.versionId === undefined && !versioning ? {} : { 'x-amz-version-id': versionOf(object) };
}
