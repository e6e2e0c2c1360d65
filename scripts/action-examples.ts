/**
 * YAML that can stand under `with:` as it is, by the names of the inputs. No expressions: the runner refuses them here.
 */
export const EXAMPLES: Readonly<Record<string, string>> = {
  source: 'source: |\n  dist\n  assets.tar.gz',
  bucket: 'bucket: s3://my-site/docs',
  prefix: 'prefix: docs',
  destination: 'command: copy\nsource: s3://my-assets/2026/*\ndestination: s3://my-archive/assets',
  include: 'include: |\n  **/*.html\n  **/*.css',
  exclude: 'exclude: |\n  *.map\n  drafts/**',
  headers: 'headers: |\n  Cache-Control: public, max-age=3600\n  Content-Language: en',
  metadata: 'metadata: |\n  build=1234\n  owner=docs',
  tagging: 'tagging: |\n  team=docs',
  rules:
    "rules: |\n  - match: '*.html'\n    cacheControl: no-cache\n  - match: assets/**\n    cacheControl: public, max-age=31536000, immutable",
  config: 'config: s3-parallel-put.config.yaml',
  gzip: 'gzip: |\n  text/html\n  text/css',
  'endpoint-url': 'endpoint-url: https://ACCOUNT.r2.cloudflarestorage.com',
  key: 'command: copy\nkey: |\n  docs/index.html\n  docs/style.css',
  'from-prefix': 'command: copy\nfrom-prefix: |\n  docs/\n  images/',
  command: 'command: uploads\nbucket: my-site\nabort-older-than: 7d\nyes: true',
  'abort-older-than': 'command: uploads\nabort-older-than: 7d\nyes: true',
  'role-to-assume': 'role-to-assume: arn:aws:iam::111122223333:role/deploy\naws-region: eu-central-1',
  'site-url': 'site-url: https://www.example.com',
  'split-above': 'command: copy\nsplit-above: 256MiB',
};
