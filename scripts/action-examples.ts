/**
 * Examples for the inputs of the Action, by input name: YAML that is valid under `with:`. They have no expressions, because the runner rejects
 * expressions in action.yml. So inputs for secrets have no example; their description says how to set them.
 */
export const EXAMPLES: Readonly<Record<string, string>> = {
  source: 'source: |\n  dist\n  assets.tar.gz',
  bucket: 'bucket: s3://my-site/docs',
  prefix: 'prefix: docs',
  as: 'source: dist/report.html\nas: index.html',
  destination: 'command: copy\nsource: s3://my-assets/2026/*\ndestination: s3://my-archive/assets',
  'endpoint-url': 'endpoint-url: https://ACCOUNT.r2.cloudflarestorage.com',
  region: 'region: eu-central-1',
  profile: 'profile: deploy',
  'force-path-style': 'force-path-style: true',
  secure: 'endpoint-url: minio.example.com:9000\nsecure: false',
  proxy: 'proxy: http://proxy.example.com:3128',
  'request-payer': 'request-payer: true',
  'expected-bucket-owner': "expected-bucket-owner: '111122223333'",

  include: 'include: |\n  **/*.html\n  **/*.css',
  exclude: 'exclude: |\n  *.map\n  drafts/**\n  !drafts/index.html',
  limit: 'limit: 100',
  'min-size': 'min-size: 1',
  'max-size': 'max-size: 100MiB',
  hidden: 'hidden: false',
  symlinks: 'symlinks: skip',
  'key-base': 'key-base: cwd',
  'files-from': 'files-from: changed.txt',
  'if-no-files-found': 'if-no-files-found: warn',

  mode: 'mode: add',
  compare: 'compare: size',
  'dry-run': 'dry-run: true',

  order: 'order: none',
  preset: 'preset: site',
  'update-headers': 'update-headers: true',
  'max-update': 'update-headers: true\nmax-update: 500',
  'clean-urls': 'clean-urls: html',
  'redirects-file': 'redirects-file: dist/_redirects',
  'headers-file': 'headers-file: dist/_headers',
  'check-links': 'check-links: error',
  'cloudfront-distribution-id': distributionExample('wait-for-invalidation: true'),
  'invalidation-paths': distributionExample('invalidation-paths: |\n  /docs/*\n  /feed.xml'),
  'max-invalidation-paths': distributionExample('max-invalidation-paths: 10'),
  'wait-for-invalidation': distributionExample('wait-for-invalidation: true'),
  'invalidation-failure': distributionExample('invalidation-failure: warn'),
  'verify-url': 'verify-url: https://www.example.com',
  delete: deleteExample('delete: true'),
  'max-delete': deleteExample('delete: true\nmax-delete: 30%'),
  protect: deleteExample('delete: true\nprotect: |\n  uploads/**\n  sitemap-*.xml'),
  'delete-after': deleteExample('delete: true\ndelete-after: 7d'),
  'list-strays': 'list-strays: true',
  'allow-secrets': 'allow-secrets: |\n  fixtures/*.pem\n  .env.ci',
  'conditional-writes': 'conditional-writes: false',
  normalize: 'normalize: nfc',
  'warn-source-maps': 'warn-source-maps: false',

  'content-type': 'content-type: text/plain; charset=utf-8',
  'cache-control': 'cache-control: no-cache',
  'content-encoding': 'content-encoding: br',
  'content-disposition': 'content-disposition: attachment',
  'content-language': 'content-language: en',
  expires: 'expires: 2030-01-01T00:00:00Z',
  'website-redirect': 'website-redirect: /new/',
  annotations: 'command: copy\nsource: s3://my-assets\ndestination: s3://my-archive\nannotations: exclude',
  headers: 'headers: |\n  Cache-Control: no-cache\n  Content-Language: en',
  metadata: 'metadata: |\n  build=1234\n  owner=docs',
  acl: 'acl: bucket-owner-full-control',
  'storage-class': 'storage-class: INTELLIGENT_TIERING',
  sse: 'sse: AES256',
  'sse-kms-key-id': 'sse: aws:kms\nsse-kms-key-id: alias/my-site',
  tagging: 'tagging: |\n  team=docs\n  stage=production',
  rules:
    "rules: |\n  - match: '**'\n    cacheControl: no-cache\n  - match: 'assets/**/*[-.]????????.*'\n    cacheControl: public, max-age=31536000, immutable",

  gzip: 'gzip: |\n  text/html\n  text/css',
  'gzip-level': 'gzip: true\ngzip-level: 9',
  compress: 'compress: br',
  'br-level': 'compress: br\nbr-level: 9',
  'zstd-level': 'zstd-level: 12',
  precompressed: 'precompressed: replace',
  concurrency: 'concurrency: 32',
  'max-request-rate': 'max-request-rate: 500',
  threads: 'threads: 2',
  checksum: 'checksum: md5',
  'max-attempts': 'max-attempts: 12',
  'retry-delay': 'retry-delay: linear:5s',
  memory: 'memory: 512MiB',
  'part-size': 'part-size: 32MiB',
  'multipart-threshold': 'multipart-threshold: 64MiB',
  resume: 'resume: off',
  'http-client': 'http-client: undici',
  'fail-fast': 'fail-fast: true',

  key: copyExample('key: |\n  docs/index.html\n  docs/style.css'),
  'keys-file': copyExample('keys-file: keys.txt'),
  'from-prefix': copyExample('from-prefix: |\n  docs/\n  images/'),
  'prefixes-file': copyExample('prefixes-file: prefixes.txt'),
  'copy-acl': copyExample('copy-acl: true'),
  'split-above': copyExample('split-above: 256MiB'),
  'source-profile': copyExample('source-profile: reader'),
  'source-region': copyExample('source-region: us-east-1'),
  'source-endpoint-url': copyExample('source-endpoint-url: https://minio.example.com'),
  'dest-profile': copyExample('dest-profile: writer'),
  'dest-region': copyExample('dest-region: eu-central-1'),
  'dest-endpoint-url': copyExample('dest-endpoint-url: https://minio.example.com'),
  'expected-source-bucket-owner': copyExample("expected-source-bucket-owner: '111122223333'"),

  shard: 'shard: 2/4',
  reports: finishExample('reports: reports\nshards: 4'),
  shards: finishExample('reports: reports\nshards: 4'),

  'abort-older-than': uploadsExample('abort-older-than: 7d\nyes: true'),
  any: uploadsExample('abort-older-than: 7d\nany: true\nyes: true'),
  yes: 'command: delete\nbucket: s3://my-previews/pr-42/\nyes: true',

  config: 'config: s3-parallel-put.config.yaml',
  command: uploadsExample('abort-older-than: 7d\nyes: true'),
  'site-url': 'site-url: https://www.example.com',
  'aws-region': 'aws-region: eu-central-1',
  'role-to-assume': 'role-to-assume: arn:aws:iam::111122223333:role/deploy\naws-region: eu-central-1',
  'role-session-name':
    'role-to-assume: arn:aws:iam::111122223333:role/deploy\nrole-session-name: my-site-deploy\naws-region: eu-central-1',
  'role-duration-seconds':
    'role-to-assume: arn:aws:iam::111122223333:role/deploy\nrole-duration-seconds: 7200\naws-region: eu-central-1',
  audience:
    'role-to-assume: arn:aws-cn:iam::111122223333:role/deploy\naudience: sts.amazonaws.com.cn\naws-region: cn-north-1',
  summary: 'summary: false',
};

function distributionExample(more: string): string {
  return `cloudfront-distribution-id: E2QWRUHEXAMPLE\n${more}`;
}

/** Deletes need a prefix, or the slash of a whole bucket. */
function deleteExample(lines: string): string {
  return `bucket: s3://my-site/\n${lines}`;
}

function copyExample(lines: string): string {
  return `command: copy\nsource: s3://my-assets\ndestination: s3://my-archive\n${lines}`;
}

function finishExample(lines: string): string {
  return `command: finish\nsource: dist\nbucket: s3://my-site/docs\n${lines}`;
}

function uploadsExample(lines: string): string {
  return `command: uploads\nbucket: my-site\n${lines}`;
}
