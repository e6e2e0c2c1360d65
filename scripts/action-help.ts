/**
 * Descriptions of inputs, by their names, where the text of the option table is not what a workflow needs: it has lines instead of repeated flags,
 * no terminal, and files in a workspace. One text serves every command that has the input.
 */
export const ACTION_HELP: Readonly<Record<string, string>> = {
  source:
    'Directories, files and tar archives to put, one a line; keys are relative to them. For copy one place: s3://bucket/path, or path/*. Needed by put and copy.',
  bucket: 'Bucket, by name or as s3://bucket/prefix. Needed by put and uploads.',
  destination: 'Where a copy goes: s3://bucket or s3://bucket/prefix. Needed by copy.',
  region: 'Region of the bucket, or of both buckets of a copy.',
  proxy:
    'HTTP proxy for the requests to S3, and for those that assume role-to-assume. Without it HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say which.',
  'expected-bucket-owner':
    'AWS account of 12 digits that must own the bucket, or the destination of a copy; S3 refuses every request where another does.',
  include:
    'Take only what matches, one glob a line. These lines apply in their order, then all of exclude, and the last that matches decides; after the first, a "!" before a glob leaves out.',
  exclude:
    'Leave out what matches, one glob a line, from what include takes; a "!" before a glob takes back in. Without "/" a glob matches the base name at any depth; a directory in which nothing can be taken is not opened.',
  limit: 'At most so many candidates, counted before the mode decides.',
  'key-base':
    'What keys are relative to: the source, or with cwd the workspace, which keeps the path as it is written in source.',
  'if-no-files-found': 'What to do when nothing is left to put or to copy.',
  mode: 'Which objects are put or copied. add: absent ones; update: absent and different ones; stupid: all, without a look at what is there.',
  compare: 'What the mode update compares; size misses edits of equal length.',
  'dry-run':
    'Say what would be done and write nothing. With mode: stupid a put makes no request at all, and a copy lists only the source.',
  headers: 'Any S3 object header or x-amz-meta-*, one a line as Name: value.',
  metadata: 'User metadata, without x-amz-meta-, one a line as name=value.',
  tagging: 'Tags of every object, up to 10, one a line as key=value.',
  sse: "Encryption at rest, instead of the bucket's own.",
  rules:
    'Headers, gzip, ACL or skip by glob: the list itself, in YAML or JSON. All rules that match merge, the later wins.',
  gzip: 'What is compressed: true for the compressible types, all for every type, or content types, one a line, among which guess stands for the compressible ones. Never twice, and kept only where it is smaller.',
  key: "Copy these keys below the source's path, one a line; KEY?versionId=ID is one version. With key, keys-file, from-prefix or prefixes-file nothing else is copied.",
  'keys-file':
    'File in the workspace that holds keys as the input key does, one a line. Blank lines and lines that begin with # count for nothing.',
  'from-prefix': "Copy what begins so below the source's path, one prefix a line.",
  'prefixes-file':
    'File in the workspace that holds prefixes as the input from-prefix does, in lines as in a keys-file.',
  'abort-older-than':
    'With the command uploads: abort those of this tool that began so long ago, such as 12h or 7d. Needs yes: true, but for a dry run.',
  any: 'Abort those of other tools too; only with abort-older-than.',
  yes: 'Abort what abort-older-than chooses. Without it nothing is aborted, and the step fails if there is anything to abort.',
  config:
    'File in the workspace with options in YAML or JSON, by their names in the API. It is read only where it is named here, and inputs win over it. It decides where objects go and by which endpoint: with credentials, never take it from the checkout of a pull request, which can change it.',
  'aws-access-key-id':
    'Access key, for servers that have no other credentials (R2, MinIO). Set it from a secret, by an expression such as secrets.AWS_ACCESS_KEY_ID; aws-secret-access-key belongs to it.',
  'aws-secret-access-key':
    'The secret key of aws-access-key-id. Set it from a secret, by an expression such as secrets.AWS_SECRET_ACCESS_KEY.',
  'aws-session-token':
    'The session token of aws-access-key-id, where there is one. Set it from a secret, by an expression such as secrets.AWS_SESSION_TOKEN.',
  'aws-region': 'The same as region; give one of them.',
};
