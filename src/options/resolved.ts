import type { Shard } from '../model/shard.js';
import type { Encoding } from './items.js';
import type { ResolvedSiteOptions } from './site.js';
import type { ChecksumChoice, GzipOption, HttpClientChoice, PutOptions, ResumeChoice, SourceInput } from './types.js';
import type { RetryDelay } from './units.js';

/** Put options, checked and with all defaults. */
export interface ResolvedPutOptions
  extends ResolvedSharedOptions,
    ResolvedSiteOptions,
    Pick<
      PutOptions,
      | 'headers'
      | 'cacheControl'
      | 'contentEncoding'
      | 'contentDisposition'
      | 'contentLanguage'
      | 'expires'
      | 'websiteRedirect'
      | 'acl'
      | 'metadata'
      | 'storageClass'
      | 'sse'
      | 'sseKmsKeyId'
      | 'tagging'
      | 'requestPayer'
      | 'expectedBucketOwner'
      | 'rules'
      | 'key'
      | 'filter'
    > {
  readonly sources: readonly SourceInput[];
  readonly bucket: string;
  /** Empty, or ends in `/`. */
  readonly prefix: string;
  /** Whether the user ended the prefix with a slash. */
  readonly slashWritten: boolean;
  /** The key of the only file, below the prefix. */
  readonly as: string | undefined;
  readonly keyBase: NonNullable<PutOptions['keyBase']>;
  readonly absoluteKey: boolean;
  readonly hidden: boolean;
  readonly symlinks: NonNullable<PutOptions['symlinks']>;
  readonly contentType: string;
  /** Types in lower case, without parameters. */
  readonly gzip: GzipOption;
  readonly gzipLevel: number;
  readonly compress: Encoding | false;
  /** Undefined: by the size of the body. */
  readonly brLevel: number | undefined;
  readonly zstdLevel: number | undefined;
  readonly precompressed: PutOptions['precompressed'];
  /** Which part of the keys is put; undefined for all. */
  readonly shard: Shard | undefined;
  readonly syncReads: boolean;
  readonly threads: number | 'auto';
  readonly connection: ConnectionOptions;
}

/** The options that put and copy share, checked and with all defaults. */
export interface ResolvedSharedOptions extends Pick<PutOptions, 'signal' | 'onEvent'>, PartOptions {
  readonly mode: NonNullable<PutOptions['mode']>;
  readonly compare: NonNullable<PutOptions['compare']>;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly limit: number;
  readonly minSize: number;
  readonly maxSize: number;
  readonly concurrency: number | 'auto';
  readonly maxRequestRate: number | undefined;
  readonly maxAttempts: number | undefined;
  readonly retryDelay: RetryDelay;
  /** Bytes. */
  readonly memory: number;
  readonly dryRun: boolean;
  readonly failFast: boolean;
  readonly ifNoFilesFound: NonNullable<PutOptions['ifNoFilesFound']>;
}

/** How objects are uploaded in parts, checked. */
export interface PartOptions {
  /** Bytes; undefined for the default rule. */
  readonly partSize: number | undefined;
  /** Bytes. */
  readonly multipartThreshold: number;
  readonly resume: ResumeChoice;
}

/** Endpoint, region, credentials and the like, checked. */
export interface ConnectionOptions {
  readonly endpointUrl: string | undefined;
  readonly region: string | undefined;
  readonly forcePathStyle: boolean;
  /** False uses http with endpoints that have no scheme. */
  readonly secure: boolean;
  readonly profile: string | undefined;
  /** The option that names the owner of the bucket, as messages call it. */
  readonly ownerOption?: string;
  readonly credentials: PutOptions['credentials'];
  readonly onCredentials: PutOptions['onCredentials'];
  /** URL of a proxy for all requests. */
  readonly proxy: string | undefined;
  readonly checksum: ChecksumChoice;
  readonly httpClient: HttpClientChoice;
  /** Headers of every request, names in lower case. */
  readonly requestHeaders: Readonly<Record<string, string>>;
}
