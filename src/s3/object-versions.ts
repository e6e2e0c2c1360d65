/** One version of an object, as a listing of versions describes it. */
export interface ObjectVersion {
  readonly key: string;
  /** `null` for an object that was put while the bucket kept no versions. */
  readonly versionId: string;
  readonly size: number;
  /** Unquoted; undefined if the server sends none. */
  readonly etag: string | undefined;
  /** Whether a request without a version reads it. */
  readonly isLatest: boolean;
}

/** Where a page of versions begins: after this version of this key. */
export interface VersionsMarker {
  readonly key: string;
  readonly versionId: string | undefined;
}

export interface VersionsPage {
  /** Ascending by key, the newest version of a key first; without delete markers. */
  readonly versions: readonly ObjectVersion[];
  /** Undefined on the last page. */
  readonly next: VersionsMarker | undefined;
}

/** The verb that lists versions. */
export interface VersionVerbs {
  /** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html */
  listVersions(prefix: string, after: VersionsMarker | undefined, signal: AbortSignal): Promise<VersionsPage>;
}
