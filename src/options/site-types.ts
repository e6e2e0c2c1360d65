/** `site`: assets first, then all else, then pages; `none`: in the order of their keys. */
export const ORDERS = ['none', 'site'] as const;
export type Order = (typeof ORDERS)[number];

/** Headers, guards and comparisons for a whole purpose. */
export const PRESETS = ['site'] as const;
export type Preset = (typeof PRESETS)[number];

/** Which keys pages get: without `.html`, also that of their folder, or both. */
export const CLEAN_URLS = ['html', 'index', 'both'] as const;
export type CleanUrls = (typeof CLEAN_URLS)[number];

/** Forms that names of files may be normalized to. */
export const NORMAL_FORMS = ['nfc'] as const;

/** What missing files that pages refer to lead to. */
export const CHECK_LINKS = ['off', 'warn', 'error'] as const;
export type CheckLinks = (typeof CHECK_LINKS)[number];

/** What a failed invalidation leads to. */
export const INVALIDATION_FAILURES = ['error', 'warn'] as const;

/** One redirect of a site: S3 has only permanent ones (301), and only its website endpoints send them. */
export interface Redirect {
  /** Path from the root of the site, which is the prefix, such as `/old`. */
  readonly from: string;
  /** Such a path, or an `http://` or `https://` address. */
  readonly to: string;
}

/** What is done at a CDN, and checked there, after a put. */
export interface EdgeOptions {
  /** CloudFront distributions that serve the bucket. What a run changes is invalidated there. */
  readonly cloudfrontDistributionId?: string | readonly string[] | undefined;
  /** Paths to invalidate once anything has changed; `auto`: those that have changed. @default 'auto' */
  readonly invalidationPaths?: string | readonly string[] | undefined;
  /** Wait until the invalidations are completed. @default false */
  readonly waitForInvalidation?: boolean | undefined;
  /** `error`: the job rejects with `InvalidationError`; `warn`: it warns. @default 'error' */
  readonly invalidationFailure?: (typeof INVALIDATION_FAILURES)[number] | undefined;
  /** The most paths of one run; more are folded into paths that end in `*`. @default 100 */
  readonly maxInvalidationPaths?: number | undefined;
  /**
   * Address of the live site, without the prefix's own part: the key `PREFIX/docs/index.html` is fetched as `URL/docs/index.html`. After the last phase the entry documents that
   * changed, and a sample of the rest, are compared with the local files; the job rejects with `LiveCheckError` where they differ.
   */
  readonly verifyUrl?: string | undefined;
}

/** Options that put and copy share about keys that the source lacks. */
export interface DeleteOptions {
  /**
   * Delete the keys below the prefix that the source does not have. Nothing is deleted if any object fails, and what filters, sizes and rules
   * leave out stays. Needs a prefix; `''` is one. @default false
   */
  readonly delete?: boolean | undefined;
  /** The most deletes: a number, or `N%` of the listed keys. More are refused before the first write. @default the larger of 256 and 25 % */
  readonly maxDelete?: number | string | undefined;
  /** Globs of keys, relative to the prefix, that are never deleted. */
  readonly protect?: string | readonly string[] | undefined;
  /** Read the whole listing, so that all keys are counted that the source does not have. @default false, unless `delete` is set */
  readonly listStrays?: boolean | undefined;
}

/** What a put does besides for a site. */
export interface SiteOptions extends DeleteOptions, EdgeOptions, ShardOption {
  /** @default 'none', 'site' with `shard` and in `finish` */
  readonly order?: Order | undefined;
  /**
   * What a static site needs: entry documents are revalidated, names with a hash of their content are kept for a year, and all else for ten minutes.
   * It turns `updateHeaders` on, and refuses files that look like secrets. Options, rules and items win over its headers. @default none
   */
  readonly preset?: Preset | undefined;
  /**
   * Compare the headers of unchanged objects, by one HEAD for each, and set those that differ without an upload. Compared are the content type and
   * the content encoding, and of the others those that an option, rule or preset gives; an empty value removes one. Mode `update` only.
   * @default false, true with `preset: 'site'`
   */
  readonly updateHeaders?: boolean | undefined;
  /** The most objects whose headers are set: a number, or `N%` of the files. More are refused before the first write. @default the larger of 256 and 25 % */
  readonly maxUpdate?: number | string | undefined;
  /**
   * Keys of pages without their endings: `html` puts `about.html` as `about`; `index` also puts `docs/index.html` as `docs/`, for servers that know
   * no index documents; `both` does both. The content type stays that of the file's name. @default none
   */
  readonly cleanUrls?: CleanUrls | undefined;
  /** Redirects of the site, each an object with S3's header and a small page that redirects, too. */
  readonly redirects?: readonly Redirect[] | undefined;
  /** A file of redirects as Netlify writes them (`_redirects`); lines that S3 cannot do are refused. */
  readonly redirectsFile?: string | undefined;
  /** A file of headers as Netlify and Cloudflare Pages write them (`_headers`), read as rules below `rules`. */
  readonly headersFile?: string | undefined;
  /**
   * What happens where HTML or CSS of this run refers to a file of the site that is neither in this run nor in the bucket. `error` refuses the run
   * before the first write. @default 'off', 'warn' with `preset: 'site'`
   */
  readonly checkLinks?: CheckLinks | undefined;
  /**
   * Keep a file with a hash in its name this long after a build no longer has it: `7d`, `12h`. The first run that misses it tags it
   * `s3pp-stray=<date>`, and a run that much later deletes it. Needs `delete`, and a server with tags.
   */
  readonly deleteAfter?: string | undefined;
  /** Upload files that look like secrets: `true` all, or those that globs match. @default false */
  readonly allowSecrets?: boolean | string | readonly string[] | undefined;
  /**
   * Overwrite an object only if it is still the one that was listed (`If-Match`), where the server is known to honour that.
   * @default true
   */
  readonly conditionalWrites?: boolean | undefined;
  /** Unicode form of keys. By default the bytes of the names. */
  readonly normalize?: (typeof NORMAL_FORMS)[number] | undefined;
  /** Warn of source maps among the files. @default true */
  readonly warnSourceMaps?: boolean | undefined;
  /** Upload only these paths, relative to the source, which must be one directory. */
  readonly filesFrom?: readonly string[] | undefined;
}

/** The option by which several jobs share the work of one. */
export interface ShardOption {
  /**
   * Put or copy only one of n disjoint parts of the keys: `'2/4'` is the second of four. Each job of a CI matrix takes one. With `order: 'site'`, which is
   * the default then, a put leaves the pages to `finish`.
   */
  readonly shard?: string | undefined;
}

/** What `finish` takes besides the options of a put. */
export interface FinishChoices {
  /** A folder with the JSON reports of all shards, searched with everything below it; or the reports themselves. */
  readonly reports: string | readonly unknown[];
  /** How many shards there are. */
  readonly shards: number;
}
