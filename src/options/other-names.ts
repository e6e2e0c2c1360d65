import { msg, type Text } from '../report/message.js';

// What users of other tools write, and what it is here: aws s3, s5cmd, rclone, s3cmd, the original s3-parallel-put, multi2s3, s3copy, other
// Actions, gulp plugins and the AWS SDK. Rows name options by placeholder, so that each face shows them as its users write them.

/** Names of options of other tools. */
export interface OtherName {
  /** The names, separated by spaces, in kebab-case; a name of one letter has its dash, and `x-*` is every name that begins with `x-`. */
  readonly names: string;
  readonly answer: Text;
  /** The answer where an option that `answer` names does not exist. */
  readonly elsewhere?: Text;
  /** The names were flags of an ancestor of this tool. */
  readonly removed?: true;
}

const TIMES = msg`Leave it out: files are compared by size and content, not by time.`;
export const INVALIDATE: Text = msg`Use {cloudfrontDistributionId} of a put: what it changes is invalidated in that distribution.`;
const ALWAYS_TLS = msg`TLS certificates are always verified; name a CA of your own in the variable NODE_EXTRA_CA_CERTS.`;
export const OWN_KEYS: Text = msg`Keys of your own (SSE-C) are not supported; {sse: 'aws:kms'} with {sseKmsKeyId} encrypts with a KMS key.`;
const CREDENTIALS = msg`{giveCredentials}`;
export const ADD: Text = msg`Use {mode: 'add'}: it uploads only objects that are absent.`;
const IN_FLIGHT = msg`Use {concurrency}: all requests in flight, objects and parts together. The default, auto, finds the number itself.`;
const SPEED = msg`Leave it out: what the bucket has is listed once, in parallel.`;
const GUESSED = msg`Leave it out: the content type is guessed from the name of the file. {contentType} and {rules} set it.`;
const ALL_BELOW = msg`Leave it out: a directory is uploaded with everything below it.`;
const TIMEOUTS = msg`Leave it out: a request without progress ends by itself and is retried, as often as {maxAttempts} says.`;
const NO_QUESTION = msg`Leave it out: absent and different objects are uploaded without a question.`;
const DESTINATION = msg`Name the destination by {bucket} and {prefix}, or as s3://bucket/prefix.`;
const INVISIBLE = msg`Leave it out: what is done is shown, and a summary at the end.`;
const GRANTS = msg`{acl} sends a canned ACL; grants are headers: {headers} with x-amz-grant-read: id="ID". S3 takes no e-mail addresses.`;
const FILE_OF_GLOBS = msg`Repeat {include} and {exclude}, or list the globs in a config file.`;
const KEPT_BY_COPIES = msg`Leave it out: a copy keeps headers, metadata and tags; {metadata}, {tagging} and {headers} replace them.`;
const NOT_HERE = msg`This is not in this version.`;

/** Each name stands in one row. */
export const OTHER_NAMES: readonly OtherName[] = [
  // What is put.
  { names: 'no-overwrite no-clobber ignore-existing skip-existing create-only only-new immutable', answer: ADD },
  { names: 'force overwrite force-upload', answer: NO_QUESTION },
  {
    names: 'ignore-times -I skip-compare',
    answer: msg`Use {mode: 'stupid'}: it uploads every object, without comparing.`,
  },
  {
    names: 'exact-timestamps if-source-newer -u update modify-window use-server-modtime no-update-modtime',
    answer: TIMES,
  },
  {
    names: 'if-size-differ hash-only check-md5 no-check-md5 ignore-size -s',
    answer: msg`Leave it out: sizes are compared first, then contents.`,
  },
  {
    names: 'delete-removed delete-before delete-during remove remove-deleted prune purge clean',
    answer: msg`Use {delete}: keys that the source does not have are deleted last, and only if nothing has failed.`,
  },
  {
    names: 'delete-excluded',
    answer: msg`What filters leave out is never deleted; the command delete removes all keys under a prefix.`,
  },
  { names: 'max-delete-size', answer: msg`Use {maxDelete}, which counts keys.` },
  {
    names: 'delete-original delete-after-fetch',
    answer: 'The files of the source are never deleted.',
  },
  {
    names: 'simulate what-if just-print noop dry',
    answer: msg`Use {dryRun}.`,
  },
  { names: 'interactive -i', answer: msg`Use {dryRun} first: it shows what would be done.` },
  { names: 'recursive -r', answer: ALL_BELOW },
  {
    names: 'follow-symlinks copy-links dereference',
    answer: msg`Leave it out: links inside the source are followed. {symlinks: 'follow'} also follows those that lead out of it.`,
  },
  { names: 'no-follow-symlinks skip-links links', answer: msg`Use {symlinks: 'skip'}.` },
  {
    names:
      'filter filter-from exclude-from include-from rexclude rinclude rexclude-from rinclude-from exclude-if-present',
    answer: FILE_OF_GLOBS,
  },
  { names: 'glob globs pattern patterns match files-to-include only', answer: msg`Use {include}.` },
  { names: 'ignore ignore-pattern skip files-to-exclude', answer: msg`Use {exclude}.` },
  {
    names: 'files-from-raw file-list',
    answer: msg`Use {filesFrom}: a file with a path in each line.`,
  },
  {
    names: 'min-age max-age newer-than older-than since',
    answer: msg`Files are not chosen by their times: use {include}, {exclude}, {minSize} and {maxSize}.`,
  },
  { names: 'older', answer: msg`Unfinished uploads are aborted by {abortOlderThan}.` },
  {
    names: 'ignore-files-older-than-days',
    answer: msg`It never excluded a file, and modification times are not used. Choose files with {include}, {exclude}, {minSize} and {maxSize}.`,
    removed: true,
  },
  { names: 'no-delete-removed', answer: msg`Leave it out: nothing is deleted without {delete}.` },
  { names: 'keep-dirs create-empty-src-dirs', answer: 'Leave it out: directories without files have no objects.' },
  { names: 'max-buffer-memory', answer: msg`Use {memory}.` },
  { names: 'install-completion', answer: 'Write s3-parallel-put completion with the name of a shell.' },
  { names: 'ignore-small-file', answer: msg`Use {minSize}.` },
  { names: 'flatten', answer: msg`Keys keep the folders below the source; {keyBase: 'cwd'} keeps the whole path.` },
  {
    names: 'backup-dir compare-dest copy-dest suffix track-renames inplace zip upload-zip',
    answer: NOT_HERE,
  },
  {
    names:
      'clean-url pretty-urls strip-html strip-html-extension remove-html-extension strip-extension remove-extension no-html-extension without-html-extension trim-html html-extension extensionless drop-html',
    answer: msg`Use {cleanUrls: 'html'}: about.html becomes the key about, with the type of a page.`,
    elsewhere: 'Keys are changed by an upload only.',
  },
  {
    names: 'strip-index-html strip-index remove-index index-as-folder directory-index folder-index',
    answer: msg`Use {cleanUrls: 'index'}: docs/index.html is also put as docs/.`,
    elsewhere: 'Keys are changed by an upload only.',
  },
  { names: 'max-updates max-header-updates', answer: msg`Use {maxUpdate}.`, elsewhere: KEPT_BY_COPIES },
  // Where to.
  {
    names:
      'folder source-dir source-path source-file source-file-path local-path local-dir build-dir file-path dir directory dir-to-upload path src from files body upload-dir srcdir source-directory',
    answer: msg`Use {source}.`,
    elsewhere: 'Sources are words: s3-parallel-put SOURCE... s3://bucket/prefix.',
  },
  {
    names:
      'dest-dir destination-dir s3-path s3-prefix s3-dir s3key remote-dir remote-path target-dir target-path upload-path bucket-path path-prefix destination-path key-prefix bucket-prefix dest-path',
    answer: msg`Use {prefix}.`,
    elsewhere: DESTINATION,
  },
  { names: 'dest dst target to remote', answer: DESTINATION },
  {
    names: 'aws-bucket s3-bucket bucket-name aws-s3-bucket aws-bucket-name s3-bucket-name',
    answer: msg`Use {bucket}.`,
  },
  {
    names: 'bucket-region aws-default-region s3-region aws-s3-region location bucket-location',
    answer: msg`Use {region}.`,
  },
  {
    names: 'destination-region',
    answer: msg`Use {destRegion} with the command copy, else {region}.`,
    elsewhere: msg`Use {region}.`,
  },
  {
    names: 'destination-profile',
    answer: msg`Use {destProfile} with the command copy, else {profile}.`,
    elsewhere: msg`Use {profile}.`,
  },
  { names: 'http-proxy https-proxy', answer: msg`Use {proxy}.` },
  { names: 's3-endpoint aws-s3-endpoint s3-endpoint-url s3-host server url', answer: msg`Use {endpointUrl}.` },
  {
    names: 'host-bucket s3-bucket-endpoint addressing-style virtual-hosted-style',
    answer: msg`Leave it out: an endpoint is used with path style; {forcePathStyle: false} puts the bucket in the host name.`,
  },
  { names: 's3-force-path-style path-style use-path-style', answer: msg`Use {forcePathStyle}.` },
  { names: 'ssl use-ssl use-https ssl-enabled', answer: msg`Leave it out: https is the default.` },
  { names: 'no-ssl', answer: msg`Write http:// before the endpoint, or use {secure: false}.` },
  {
    names:
      'no-verify-ssl no-check-certificate no-check-certificates no-ssl-verification check-certificate check-hostname no-check-hostname ca-bundle ca-certs ca-cert ca-file verify-ssl no-verify',
    answer: ALWAYS_TLS,
  },
  {
    names:
      'access-key access-key-id secret-key secret-access-key session-token security-token access-token aws-access-key aws-key-id aws-secret-key aws-secret-id aws-access-key-id aws-secret-access-key aws-session-token s3-access-key-id s3-secret-access-key s3-access-key s3-secret-key s3-session-token key-id secret configure -a -k',
    answer: CREDENTIALS,
  },
  { names: 'aws-profile profile-name s3-profile', answer: msg`Use {profile}.` },
  {
    names: 'credentials-file shared-credentials-file s3-shared-credentials-file',
    answer: msg`Name the file in the variable AWS_SHARED_CREDENTIALS_FILE, and choose a {profile}.`,
  },
  {
    names: 'role role-arn aws-role aws-role-arn assume-role assume-role-arn role-duration',
    answer: msg`Name the role in a {profile} of the AWS configuration; in the Action, role-to-assume does it.`,
  },
  {
    names: 'no-sign-request no-sign anonymous s3-env-auth',
    answer: msg`Leave it out: every request is signed, because S3 takes no anonymous writes.`,
  },
  { names: 'requester-pays s3-requester-pays', answer: msg`Use {requestPayer}.` },
  {
    names: 'use-accelerate-endpoint accelerate s3-use-accelerate-endpoint use-dualstack-endpoint s3-use-dual-stack',
    answer: msg`Leave it out: the usual endpoint of the region is used.`,
  },
  // Headers.
  {
    names: 'add-header header-upload http-headers custom-headers s3-headers',
    answer: msg`Use {headers}: one "Name: value" each.`,
  },
  { names: 'remove-header', answer: msg`Leave it out: only the headers that you give are sent.` },
  {
    names: 'mime-type default-mime-type content-types mime -m',
    answer: msg`Use {contentType}, or {rules} for some files.`,
  },
  { names: 'guess-mime-type no-mime-magic use-mime-magic mime-magic -M detect-content-type', answer: GUESSED },
  {
    names: 'no-guess-mime-type',
    answer: msg`Set one type for all by {contentType}, as in {contentType: 'application/octet-stream'}.`,
  },
  { names: 'no-cache', answer: msg`Use {cacheControl: 'no-cache'}.` },
  {
    names:
      'spa single-page-app static-site html-cache-control cache-control-html index-cache-control default-cache-control assets-cache-control cache-control-assets hashed-assets immutable-assets immutable-files',
    answer: msg`Use {preset: 'site'}: pages are revalidated, and hashed names kept for a year. {rules} give other headers to some files.`,
    elsewhere: msg`Use {cacheControl}.`,
  },
  {
    names:
      'update-metadata metadata-only sync-metadata header-only headers-only only-headers sync-headers force-headers fix-headers',
    answer: msg`Use {updateHeaders}: it sets headers of unchanged objects that differ, without an upload.`,
    elsewhere: KEPT_BY_COPIES,
  },
  { names: 'preserve no-preserve', answer: 'Leave it out: times, owners and modes of files are not stored.' },
  {
    names: 'cache s-maxage cache-max-age expiration',
    answer: msg`Use {cacheControl}, as in {cacheControl: 'max-age=3600'}.`,
  },
  { names: 'meta metadata-set s3-metadata transfer-metadata user-metadata meta-data', answer: msg`Use {metadata}.` },
  { names: 'tags tag object-tagging object-tags s3-tags set-tags', answer: msg`Use {tagging}.` },
  { names: 'website-redirect-location redirect', answer: msg`Use {websiteRedirect}.` },
  { names: 'encoding manual-content-encoding', answer: msg`Use {contentEncoding}.` },
  {
    names: 'acl-public public public-read s3-bucket-acl',
    answer: msg`Leave it out: a bucket policy opens a site. Where the bucket allows ACLs, {acl: 'public-read'} is the same.`,
  },
  { names: 'acl-private private no-acl', answer: msg`Leave it out: no ACL is sent by default.` },
  { names: 's3-acl canned-acl dest-acl', answer: msg`Use {acl}.` },
  { names: 'grants acl-grant acl-revoke grant-read grant-full-control grant-write', answer: GRANTS },
  { names: 'reduced-redundancy rr', answer: msg`Use {storageClass: 'REDUCED_REDUNDANCY'}.` },
  { names: 'no-reduced-redundancy no-rr', answer: msg`Leave it out: STANDARD is the default of S3.` },
  { names: 's3-storage-class', answer: msg`Use {storageClass}.` },
  {
    names: 'server-side-encryption s3-server-side-encryption encrypt -e encryption sse-s3',
    answer: msg`Use {sse} AES256 or {sse: 'aws:kms'}; S3 encrypts every object by default.`,
  },
  {
    names: 'server-side-encryption-kms-id s3-sse-kms-key-id kms-key-id kms-key kms-id',
    answer: msg`Use {sseKmsKeyId}.`,
  },
  {
    names:
      'sse-c sse-c-key sse-c-copy-source sse-c-copy-source-key sse-customer-key sse-customer-algorithm s3-sse-customer-key s3-sse-customer-algorithm',
    answer: OWN_KEYS,
  },
  { names: 'no-encrypt', answer: msg`Leave it out: what the bucket encrypts is up to the bucket.` },
  { names: 'gzip-files gzip-compress compression', answer: msg`Use {gzip} or {compress}.` },
  { names: 'brotli br', answer: msg`Use {compress: 'br'}.` },
  // How.
  {
    names:
      'numworkers workers transfers checkers upload-concurrency s3-upload-concurrency max-concurrent-requests max-concurrency multi-thread-streams thread max-thread max-threads jobs -j -t parallel parallelism queue-size concurrent concurrent-uploads max-connections',
    answer: IN_FLIGHT,
  },
  {
    names: 'multipart-chunk-size-mb multipart-chunk-size s3-chunk-size multi-thread-chunk-size chunk-size part-size-mb',
    answer: msg`Use {partSize} with a unit, as in {partSize: '16MiB'}.`,
  },
  {
    names:
      's3-upload-cutoff upload-cutoff multi-thread-cutoff streaming-upload-cutoff resumable-threshold s3-copy-cutoff',
    answer: msg`Use {multipartThreshold}.`,
  },
  {
    names: 'disable-multipart no-multipart multipart-disable',
    answer: msg`Use {multipartThreshold: '5GiB'}: smaller objects are then uploaded in one request.`,
  },
  {
    names: 'put-continue continue-put continue upload-id leave-parts-on-error s3-leave-parts-on-error',
    answer: msg`Leave it out: the next run resumes unfinished uploads; {resume} says how.`,
  },
  {
    names: 'bwlimit bwlimit-file limit-rate max-bandwidth bandwidth',
    answer: msg`A limit of bytes is not in this version; {concurrency: 4} or the like keeps most of a line free.`,
  },
  { names: 'tpslimit tpslimit-burst rps qps max-rate rate-limit throttle', answer: msg`Use {maxRequestRate}.` },
  {
    names:
      'retry-count retries low-level-retries max-retries max-retry retry s3-retries attempts maximum-retries copy-retries',
    answer: msg`Use {maxAttempts}: attempts per request, with the first.`,
  },
  { names: 'retries-sleep retry-sleep retry-wait', answer: msg`Use {retryDelay}.` },
  {
    names:
      'cli-connect-timeout cli-read-timeout timeout contimeout connect-timeout socket-timeout expect-continue-timeout max-time http-options',
    answer: TIMEOUTS,
  },
  {
    names: 'checksum-algorithm additional-checksum-algorithm hash content-md5 sha256',
    answer: msg`Use {checksum}: auto, crc32, md5 or off.`,
  },
  {
    names: 'ignore-checksum no-checksum s3-disable-checksum checksum-mode',
    answer: msg`Leave it out: what is sent is always verified, without further requests.`,
  },
  {
    names: 'exit-on-error stop-on-error fail-on-error max-errors',
    answer: msg`Use {failFast}; without it the other objects are still uploaded, and the run fails at its end.`,
  },
  {
    names:
      'page-size no-paginate max-items fast-list no-traverse no-check-dest check-first order-by list-chunk s3-list-chunk use-list-objects-v1 list-objects-v1 s3-list-version s3-no-check-bucket s3-no-head s3-no-head-object cache-file cache-file-name cache-dir list-target use-mmap buffer-size',
    answer: SPEED,
  },
  {
    names: 'ignore-glacier-warnings force-glacier-transfer raw case-conflict expected-size',
    answer: msg`Leave it out: it has no meaning here.`,
  },
  {
    names: 'ignore-errors keep-going continue-on-error',
    answer: msg`Leave it out: after a failure the other objects are still uploaded, and the run fails at its end.`,
  },
  // Copies.
  {
    names: 'metadata-directive',
    answer: msg`Use {updateHeaders}: an upload then sets headers of unchanged objects that differ. A copy keeps all; {metadata} and {headers} replace them.`,
    elsewhere: KEPT_BY_COPIES,
  },
  { names: 'copy-props tagging-directive', answer: KEPT_BY_COPIES },
  {
    names: 'version-id',
    answer: msg`Use {key: 'KEY?versionId=ID'} with the command copy.`,
    elsewhere: 'Versions are chosen by a copy only.',
  },
  {
    names: '-f',
    answer: msg`Write {key} for a key of a copy; an upload asks nothing that could be forced.`,
  },
  {
    names: '-c',
    answer: msg`Write {s3cfg} FILE for a copy; contents are compared by default.`,
  },
  {
    names: '-L',
    answer: msg`Write {logFile}, or {symlinks: 'follow'}; links inside the source are followed anyway.`,
  },
  {
    names: '-P',
    answer: msg`Write {prefixesFile} FILE for a copy. Progress is shown by default, and a bucket policy opens a site.`,
  },
  { names: '-F', answer: msg`Use {keysFile}; links inside the source are followed anyway.` },
  { names: '-p', answer: msg`Write {prefix}, {partSize}, {fromPrefix} or {mode} in full.` },
  { names: '-d', answer: msg`Write {destS3cfg} for a copy, or {verbose}.` },
  { names: '-l', answer: msg`Use {logLevel}.` },
  // Output.
  {
    names: 'only-show-errors silent',
    answer: msg`Use {quiet}: failures and the summary; -qq shows failures only.`,
    elsewhere: 'Leave it out.',
  },
  {
    names:
      'show-progress sp progress-frequency progress-multiline stats stats-one-line stat no-stats human-readable human-readable-sizes humanize summarize -H',
    answer: INVISIBLE,
  },
  {
    names: 'debug vv dump dump-headers dump-bodies',
    answer: msg`Use {verbose}, or {logLevel: 'debug'}.`,
    elsewhere: 'Leave it out.',
  },
  { names: 'log', answer: msg`Use {logLevel}.`, elsewhere: 'Leave it out.' },
  {
    names: 'log-filename',
    answer: msg`Use {logFile} FILE, or redirect stdout: "--json > FILE" for a program to read.`,
    elsewhere: 'Leave it out.',
    removed: true,
  },
  { names: 'output use-json-log output-format format', answer: msg`Use {json}.`, elsewhere: 'Leave it out.' },
  { names: 'color no-color colour no-colour', answer: 'Set the variable NO_COLOR=1 for text without colors.' },
  { names: 'dump-config show-config', answer: msg`Use {printConfig}.`, elsewhere: CREDENTIALS },
  { names: 'config-file conf', answer: msg`Use {config}.` },
  { names: 'args flags options params extra-args', answer: 'Give each of them as an option of its own.' },
  // CDN.
  {
    names:
      'cf-invalidate cf-inval-default-index cf-invalidate-default-index cf-no-invalidate-default-index cf-no-invalidate-default-index-root dist-id distribution distribution-id invalidation invalidate invalidations cloudfront cloudfront-distribution cloudfront-invalidate',
    answer: INVALIDATE,
    elsewhere: 'Run "aws cloudfront create-invalidation" after it.',
  },
  // The original.
  {
    names: 'walk=tar',
    answer: 'Leave it out: a source whose name ends in .tar, .tar.gz or .tar.zst is read as an archive.',
    removed: true,
  },
  {
    names: 'walk=s3',
    answer: 'From bucket to bucket is the command "copy": s3-parallel-put copy s3://SOURCE s3://DEST.',
    removed: true,
  },
  { names: 'walk', answer: 'Leave it out: directories and files are walked by default.', removed: true },
  { names: 'splitdir', answer: 'Leave it out: parts are read from the file itself.' },
  // Families.
  { names: 'cli-*', answer: msg`Leave it out: it is a setting of the AWS CLI.` },
  { names: 's3-*', answer: msg`Remotes of rclone are not read: see {endpointUrl}, {region} and {profile}.` },
];
