/**
 * Descriptions of inputs, by input name, that replace the text of the option table: a workflow has lines instead of repeated flags, no terminal, and
 * files in a workspace. One text describes the input for all commands.
 */
export const ACTION_HELP: Readonly<Record<string, string>> = {
  source:
    'Directories, files and tar archives to put, one per line; keys are relative to them. For copy one address: s3://bucket/path, or path/*. Needed by put, finish and copy.',
  bucket: 'Bucket, by name or as s3://bucket/prefix. Needed by put, finish, uploads and delete.',
  destination: 'Destination of a copy: s3://bucket or s3://bucket/prefix. Needed by copy.',
  region: 'Region of the bucket, or of both buckets of a copy.',
  proxy:
    'HTTP proxy for requests to S3, and for the requests that assume role-to-assume. Without it HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY set the proxy.',
  secure: 'https for an endpoint without a scheme; secure: false means http.',
  'expected-source-bucket-owner':
    "AWS account of 12 digits that must own the source's bucket; expected-bucket-owner is for the destination.",
  'expected-bucket-owner':
    'AWS account of 12 digits that must own the bucket, or the destination of a copy; S3 rejects every request if another account owns it.',
  include:
    'Take only what matches, one glob per line. These lines apply in their order, then all of exclude; the last match decides. After the first line, a "!" before a glob excludes.',
  exclude:
    'Leave out what matches, one glob per line, from what include takes; a "!" before a glob includes again. Without "/" a glob matches the base name at any depth; a directory in which nothing can be taken is not opened.',
  limit: 'Most candidates to take, counted before the mode decides.',
  'key-base':
    'What keys are relative to: the source, or with cwd the workspace, which keeps the path as written in source.',
  'if-no-files-found': 'What to do when nothing is left to put or to copy.',
  mode: 'Which objects are put or copied. add: absent ones; update: absent and different ones; stupid: all, without comparing.',
  compare: 'What the mode update compares; size misses edits of equal length.',
  'dry-run':
    'Show what would be done, and write nothing. With mode: stupid a put sends no request, and a copy lists only the source.',
  order:
    'site: assets, data, pages, then deletes, each once the one before has succeeded, so that no page is live before its assets. none: in the order of the keys. Only for put and finish; a copy has no order.',
  delete:
    'Delete the keys below the prefix that the source does not have, last and only if nothing has failed. What filters and rules leave out stays. The prefix must be given: for a whole bucket, set bucket to s3://my-site/, with the slash.',
  'max-delete':
    'The most deletes, as a number or as a share of the listed keys. If there would be more, the step is refused before the first write, and names them.',
  protect:
    'With delete, and with the command delete: never delete what matches, relative to the prefix, one glob per line.',
  'delete-after':
    'Keep files with a hash in their name this long after a build no longer has them, such as 7d, for pages that are still open. Needs delete: true, and a server with object tags.',
  'list-strays':
    'Read the whole listing, so that the output strays counts all keys that the source does not have. delete: true does so by itself.',
  'allow-secrets':
    'Upload files that look like secrets, such as private keys and .env files, which are refused otherwise: those that match, one glob per line, or true for all.',
  'redirects-file':
    'File in the workspace with redirects, in the form of _redirects of Netlify. Lines that S3 cannot do are refused.',
  'headers-file':
    'File in the workspace with headers, in the form of _headers of Netlify and Cloudflare Pages. The rules of the input rules win over it.',
  'check-links':
    'Look for files that pages and styles refer to, and that are neither uploaded nor in the bucket. error refuses the step before the first write. With a preset it is warn.',
  'cloudfront-distribution-id':
    'Invalidate what has changed in this CloudFront distribution, once all is uploaded. Several ids: one per line.',
  'invalidation-paths':
    'Paths to invalidate once anything has changed, such as /*, one per line; auto: those that have changed.',
  'files-from':
    'File in the workspace with the paths to upload, one per line, relative to the source, which is one directory; nothing else of it is uploaded.',
  as: 'Key, below the prefix, of the one file that is the source.',
  headers: 'Any S3 object header or x-amz-meta-*, one per line as Name: value.',
  metadata: 'User metadata, without x-amz-meta-, one per line as name=value.',
  tagging: 'Tags of every object, up to 10, one per line as key=value.',
  sse: "Encryption at rest, instead of the bucket's default.",
  rules:
    'Headers, gzip, ACL or skip by glob: the list itself, in YAML or JSON. All matching rules are merged; later rules win.',
  gzip: 'What to compress: true for the compressible types, all for every type, or content types, one per line, where guess stands for the compressible types. Files that are compressed already stay as they are; a result that is not smaller is dropped.',
  key: "Copy these keys below the source's path, one per line; KEY?versionId=ID is one version. With key, keys-file, from-prefix or prefixes-file, nothing else is copied.",
  'keys-file':
    'File in the workspace with keys in the form of the input key, one per line. Blank lines and lines that begin with # are ignored.',
  'from-prefix': "Copy keys with these prefixes below the source's path, one per line.",
  'prefixes-file':
    'File in the workspace with prefixes in the form of the input from-prefix, one per line. Blank lines and lines that begin with # are ignored.',
  shard:
    'Put or copy only one of N disjoint parts of the keys, such as 2/4: one for each job of a matrix. A put then leaves the pages to a step with command: finish, unless order is none.',
  reports:
    'With command: finish, the folder in the workspace that has the report of every shard, the file of the output report-path; also in folders below it.',
  shards: 'With command: finish, how many shards there are, so that a missing one is noticed.',
  'abort-older-than':
    'With the command uploads: abort unfinished uploads of this tool that are older than this, such as 12h or 7d. Needs yes: true, except in a dry run.',
  any: 'Abort uploads of other tools too; only with abort-older-than.',
  yes: 'Abort what abort-older-than chooses. Without it nothing is aborted, and the step fails if there is anything to abort.',
  config:
    'File in the workspace with options in YAML or JSON, by their API names. It is read only if it is named here; inputs override it. It can set the bucket and the endpoint: with credentials, never take it from the checkout of a pull request, which can change it.',
  'aws-access-key-id':
    'Access key, for servers without other credentials (R2, MinIO). Set it from a secret, with an expression such as secrets.AWS_ACCESS_KEY_ID, together with aws-secret-access-key.',
  'aws-secret-access-key':
    'The secret key of aws-access-key-id. Set it from a secret, with an expression such as secrets.AWS_SECRET_ACCESS_KEY.',
  'aws-session-token':
    'The session token of aws-access-key-id, if there is one. Set it from a secret, with an expression such as secrets.AWS_SESSION_TOKEN.',
  'aws-region': 'The same as region; give one of them.',
};
