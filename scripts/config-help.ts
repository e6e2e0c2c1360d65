/**
 * Descriptions of options in a config file, by option name, that replace the text of the option table: a file has names and lists instead of flags
 * that are repeated.
 */
export const CONFIG_HELP: Readonly<Record<string, string>> = {
  allowSource:
    'What this worker may read, whatever the queue says: directories, and s3://bucket/prefix for copies. By default the queue decides.',
  allowDestination: 'Where this worker may write, and only by its own endpoint. By default the queue decides.',
  secure: 'https for an endpoint without a scheme; false means http.',
  proxy: 'HTTP proxy for every request. Without it HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY set the proxy.',
  expectedSourceBucketOwner:
    "AWS account of 12 digits that must own the source's bucket; expectedBucketOwner is for the destination.",
  include:
    'Take only what matches, a glob or a list of globs. They apply in their order, then those of exclude; the last match decides. Everything else is left out.',
  exclude:
    'Leave out what matches, a glob or a list of globs; "!" before a glob includes again. Without "/" a glob matches the base name at any depth; an excluded directory is not opened.',
  ignoreSmallFiles: 'Leave out files smaller than a part: partSize, or 8MiB.',
  compare: 'What the mode update compares; size misses edits of equal length.',
  dryRun: 'Show what would be done and write nothing; with mode: stupid a put sends no request at all.',
  headers: 'Any S3 object header or x-amz-meta-*, as names with their values.',
  metadata: 'User metadata, as names without x-amz-meta- and their values.',
  tagging: 'Tags of every object, up to 10, as keys with their values.',
  sse: "Encryption at rest, instead of the bucket's own.",
  rules:
    'Headers, compression, ACL or skip by glob. All rules that match a file merge; for each header the last one wins.',
  gzip: 'What to compress: true for compressible types, all for every type, or a list of content types, where guess stands for the compressible ones. Never twice, and used only if it is smaller.',
  key: "Copy only these keys below the source's path, one or a list; KEY?versionId=ID is one version of a key.",
  keysFile: 'File with keys in the form of key, one per line. Blank lines and lines that begin with # are ignored.',
  fromPrefix: "Copy only keys that begin with this below the source's path, one or a list.",
  prefixesFile: 'File with prefixes in the form of fromPrefix, one per line, as in keysFile.',
  quiet:
    'Show only failures, the summary line and warnings; failures shows them alone. The lines of json stay complete.',
  logLevel:
    'What the log includes, info by default; debug adds skips, requests and retries. Without logFile it goes to stderr.',
  deleteAfter:
    'Keep files with hashed names this long, such as 7d, after a build no longer has them, for open pages. Needs delete and object tags.',
  listStrays:
    'Read the whole listing, so that all keys are counted that the source does not have; delete does so by itself.',
  headersFile:
    'Headers in a file like _headers of Netlify and Cloudflare Pages, read as rules that those of this file override.',
  cloudfrontDistributionId:
    'Invalidate what has changed in these CloudFront distributions, an id or a list of ids, once all is uploaded.',
  invalidationPaths:
    'Paths to invalidate once anything has changed, such as /*, one or a list; auto means those that have changed.',
  protect: 'Never delete what matches, a glob or a list of globs, relative to the prefix.',
  allowSecrets:
    'Upload files that look like secrets, such as private keys and .env files: true for all, or those that match a glob or a list of globs.',
};

/** What the keys of a rule mean that are no options, or mean something else than the options of their names. */
export const RULE_HELP: Readonly<Record<string, string>> = {
  match: 'One or more globs, as for exclude; one match is enough.',
  headers: 'Any S3 object header or x-amz-meta-*, as names with their values.',
  gzip: 'What to compress of the files that match, as the option gzip.',
  compress:
    'The coding that the files that match are compressed with, whatever their type, unless they are compressed in themselves; false: none.',
  skip: 'Leave the file out, as exclude does; false includes it again.',
  phase: 'When the file is uploaded with order site: assets first, then data, then pages. By default its name decides.',
  cleanUrls:
    'Which clean URLs the files that match have, as the option cleanUrls; false: they keep the keys of their names.',
  optional: 'Say nothing where the rule matches no file.',
};
