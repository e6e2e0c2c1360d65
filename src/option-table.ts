import { GZIP_WORDS } from './gzip-option.js';
import {
  CANNED_ACLS,
  CHECKSUMS,
  COMPARES,
  HTTP_CLIENTS,
  IF_NO_FILES_FOUND,
  KEY_BASES,
  PUT_MODES,
  RESUMES,
  SSE_METHODS,
  STORAGE_CLASSES,
  SYMLINK_RULES,
} from './put-options.js';

/** Where an option can be given. */
export type Face = 'api' | 'cli' | 'action';

/**
 * How the text of an option becomes its value.
 * `switch` is a boolean, `optional` one that may carry a value after `=`; `texts` are repeatable; `headers` are `Name: value` and `pairs` `name=value`, both repeatable; `globs` are repeatable and keep
 * the order in which they stand among the other globs; `operands` are the words that belong to no option.
 * `file` is the name of a file, which the CLI reads.
 * `function` and `object` exist in the API only.
 */
export type OptionType =
  | 'operands'
  | 'string'
  | 'integer'
  | 'size'
  | 'switch'
  | 'optional'
  | 'texts'
  | 'choice'
  | 'globs'
  | 'headers'
  | 'pairs'
  | 'file'
  | 'function'
  | 'object';

/** Headings of `--help` and of the README's table, in their order. */
export const OPTION_GROUPS = [
  'Where to',
  'Which files',
  'When to put',
  'Headers',
  'How',
  'Unfinished uploads',
  'Output',
] as const;
export type OptionGroup = (typeof OPTION_GROUPS)[number];

/** One option as every face needs it. */
export interface OptionRow {
  /** Name in the API; for what only the CLI has, the name of the value there. */
  readonly name: string;
  /** CLI flag and Action input, without dashes; undefined where there is neither. */
  readonly flag?: string;
  /** One letter, without its dash. */
  readonly short?: string;
  /** Other CLI flags of the same meaning, mostly the older tools' spellings. */
  readonly aliases?: readonly string[];
  /** CLI flags without a value that stand for a value of this option. */
  readonly shorthands?: Readonly<Record<string, string | boolean>>;
  readonly type: OptionType;
  /** All values of a `choice`; of other types words that stand beside the usual values. */
  readonly choices?: readonly string[];
  /** Default as users read it; undefined where there is none. */
  readonly default?: string;
  readonly required?: true;
  /** Placeholder of the value in `--help`. */
  readonly value?: string;
  /** Of `pairs`: names that differ only in case are two names. */
  readonly caseMatters?: true;
  /** An empty text is a value too. */
  readonly emptyAllowed?: true;
  /** One or two sentences. */
  readonly help: string;
  readonly group: OptionGroup;
  readonly faces: readonly Face[];
}

const EVERYWHERE: readonly Face[] = ['api', 'cli', 'action'];
const CLI: readonly Face[] = ['cli'];
const API: readonly Face[] = ['api'];

/**
 * Every option that works, one row each. Parsing, `--help`, shell completion and the lists of options in the documentation
 * come from here.
 */
export const OPTION_TABLE: readonly OptionRow[] = [
  {
    name: 'source',
    flag: 'source',
    type: 'operands',
    required: true,
    value: 'SOURCE',
    help: 'Directories, single files and tar archives to put. Keys are relative to the directory, or to the archive.',
    group: 'Where to',
    faces: EVERYWHERE,
  },
  {
    name: 'bucket',
    flag: 'bucket',
    type: 'string',
    required: true,
    value: 'NAME',
    help: 'Bucket, by name or as s3://bucket/prefix.',
    group: 'Where to',
    faces: EVERYWHERE,
  },
  {
    name: 'prefix',
    flag: 'prefix',
    type: 'string',
    default: '',
    value: 'PREFIX',
    emptyAllowed: true,
    help: 'Put before every key, joined with exactly one "/".',
    group: 'Where to',
    faces: EVERYWHERE,
  },
  {
    name: 'endpointUrl',
    flag: 'endpoint-url',
    aliases: ['endpoint', 'host'],
    type: 'string',
    value: 'URL',
    help: 'Endpoint of an S3 compatible server; implies path style.',
    group: 'Where to',
    faces: EVERYWHERE,
  },
  {
    name: 'region',
    flag: 'region',
    type: 'string',
    default: "the AWS configuration's, else us-east-1",
    value: 'REGION',
    help: 'Region of the bucket.',
    group: 'Where to',
    faces: EVERYWHERE,
  },
  {
    name: 'profile',
    flag: 'profile',
    type: 'string',
    value: 'NAME',
    help: 'Profile of the shared AWS configuration.',
    group: 'Where to',
    faces: EVERYWHERE,
  },
  {
    name: 'credentials',
    type: 'object',
    default: "the AWS SDK's chain",
    help: 'Static credentials, or a function that gives them: called at the start, before they expire, and when S3 calls them expired.',
    group: 'Where to',
    faces: API,
  },
  {
    name: 'forcePathStyle',
    flag: 'force-path-style',
    type: 'switch',
    default: 'on with an endpoint, else off',
    help: 'Bucket in the path of the URL instead of in its host name.',
    group: 'Where to',
    faces: EVERYWHERE,
  },
  {
    name: 'secure',
    flag: 'secure',
    shorthands: { insecure: false },
    type: 'switch',
    default: 'on',
    help: 'https with an endpoint that names no scheme; --insecure means http.',
    group: 'Where to',
    faces: EVERYWHERE,
  },
  {
    name: 'proxy',
    flag: 'proxy',
    type: 'string',
    value: 'URL',
    help: 'HTTP proxy for every request. The command line takes HTTPS_PROXY, HTTP_PROXY and NO_PROXY, too.',
    group: 'Where to',
    faces: EVERYWHERE,
  },
  {
    name: 'requestPayer',
    flag: 'request-payer',
    type: 'switch',
    default: 'off',
    help: 'Bear the cost of every request, as Requester Pays buckets ask.',
    group: 'Where to',
    faces: EVERYWHERE,
  },
  {
    name: 'expectedBucketOwner',
    flag: 'expected-bucket-owner',
    type: 'string',
    value: 'ACCOUNT',
    help: 'AWS account of 12 digits that must own the bucket; S3 refuses every request where another does.',
    group: 'Where to',
    faces: EVERYWHERE,
  },
  {
    name: 'stdinKey',
    flag: 'stdin-key',
    type: 'string',
    value: 'KEY',
    help: 'Key, below the prefix, of what comes from standard input; the source is then "-".',
    group: 'Which files',
    faces: CLI,
  },
  {
    name: 'include',
    flag: 'include',
    type: 'globs',
    value: 'GLOB',
    help: 'Take what matches. Repeatable; the last match of --include and --exclude wins; an --include given first starts with nothing.',
    group: 'Which files',
    faces: EVERYWHERE,
  },
  {
    name: 'exclude',
    flag: 'exclude',
    type: 'globs',
    value: 'GLOB',
    help: 'Leave out what matches. Without "/" a glob matches the base name at any depth; an excluded directory is not opened.',
    group: 'Which files',
    faces: EVERYWHERE,
  },
  {
    name: 'filter',
    type: 'function',
    help: 'False leaves the candidate out, before limit counts.',
    group: 'Which files',
    faces: API,
  },
  {
    name: 'limit',
    flag: 'limit',
    type: 'integer',
    value: 'N',
    help: 'At most N candidates, counted before the mode decides.',
    group: 'Which files',
    faces: EVERYWHERE,
  },
  {
    name: 'minSize',
    flag: 'min-size',
    type: 'size',
    value: 'SIZE',
    help: 'Leave smaller files out: bytes, or text such as 8MiB and 20MB.',
    group: 'Which files',
    faces: EVERYWHERE,
  },
  {
    name: 'ignoreSmallFiles',
    flag: 'ignore-small-files',
    type: 'switch',
    default: 'off',
    help: 'Leave out files smaller than a part: --part-size, or 8MiB.',
    group: 'Which files',
    faces: CLI,
  },
  {
    name: 'maxSize',
    flag: 'max-size',
    type: 'size',
    value: 'SIZE',
    help: 'Leave larger files out.',
    group: 'Which files',
    faces: EVERYWHERE,
  },
  {
    name: 'hidden',
    flag: 'hidden',
    type: 'switch',
    default: 'on',
    help: 'Take names that begin with a dot; .git, .DS_Store and the like never.',
    group: 'Which files',
    faces: EVERYWHERE,
  },
  {
    name: 'symlinks',
    flag: 'symlinks',
    type: 'choice',
    choices: SYMLINK_RULES,
    default: 'inside',
    value: 'RULE',
    help: 'Symbolic links: follow those that stay inside the source, follow all, or skip them.',
    group: 'Which files',
    faces: EVERYWHERE,
  },
  {
    name: 'keyBase',
    flag: 'key-base',
    type: 'choice',
    choices: KEY_BASES,
    default: 'source',
    value: 'BASE',
    help: 'What keys are relative to: the source, or the working directory, which keeps the path as written.',
    group: 'Which files',
    faces: EVERYWHERE,
  },
  {
    name: 'key',
    type: 'function',
    help: 'Gives the key, to which the prefix is not added again; undefined keeps the usual one.',
    group: 'Which files',
    faces: API,
  },
  {
    name: 'ifNoFilesFound',
    flag: 'if-no-files-found',
    type: 'choice',
    choices: IF_NO_FILES_FOUND,
    default: 'error',
    value: 'ACTION',
    help: 'What to do when nothing is left to put.',
    group: 'Which files',
    faces: EVERYWHERE,
  },
  {
    name: 'mode',
    flag: 'mode',
    aliases: ['put'],
    type: 'choice',
    choices: PUT_MODES,
    default: 'update',
    value: 'MODE',
    help: 'Which objects are put. add: absent ones; update: absent and different ones; stupid: all, without a look at the bucket.',
    group: 'When to put',
    faces: EVERYWHERE,
  },
  {
    name: 'compare',
    flag: 'compare',
    shorthands: { 'size-only': 'size' },
    type: 'choice',
    choices: COMPARES,
    default: 'content',
    value: 'WHAT',
    help: 'What update compares; size misses edits of equal length. --size-only is --compare size.',
    group: 'When to put',
    faces: EVERYWHERE,
  },
  {
    name: 'dryRun',
    flag: 'dry-run',
    short: 'n',
    type: 'switch',
    default: 'off',
    help: 'Say what would be done and write nothing; with --mode stupid no request at all.',
    group: 'When to put',
    faces: EVERYWHERE,
  },
  {
    name: 'check',
    flag: 'check',
    type: 'switch',
    default: 'off',
    help: 'Dry run that exits with 1 if anything would change.',
    group: 'When to put',
    faces: CLI,
  },
  {
    name: 'contentType',
    flag: 'content-type',
    type: 'string',
    default: 'guess',
    value: 'TYPE',
    help: 'A content type for every object, or guess it from the name.',
    group: 'Headers',
    faces: EVERYWHERE,
  },
  {
    name: 'cacheControl',
    flag: 'cache-control',
    type: 'string',
    value: 'TEXT',
    help: 'Cache-Control of every object.',
    group: 'Headers',
    faces: EVERYWHERE,
  },
  {
    name: 'headers',
    flag: 'header',
    type: 'headers',
    value: 'NAME: VALUE',
    help: 'Any S3 object header or x-amz-meta-*. Repeatable.',
    group: 'Headers',
    faces: EVERYWHERE,
  },
  {
    name: 'metadata',
    flag: 'metadata',
    type: 'pairs',
    value: 'NAME=VALUE',
    help: 'User metadata, without x-amz-meta-. Repeatable.',
    group: 'Headers',
    faces: EVERYWHERE,
  },
  {
    name: 'acl',
    flag: 'acl',
    aliases: ['grant'],
    type: 'choice',
    choices: CANNED_ACLS,
    value: 'ACL',
    help: 'Canned ACL; none is sent by default.',
    group: 'Headers',
    faces: EVERYWHERE,
  },
  {
    name: 'storageClass',
    flag: 'storage-class',
    type: 'choice',
    choices: STORAGE_CLASSES,
    value: 'CLASS',
    help: 'Storage class of every object.',
    group: 'Headers',
    faces: EVERYWHERE,
  },
  {
    name: 'sse',
    flag: 'sse',
    shorthands: { 'encrypt-key': 'AES256' },
    type: 'choice',
    choices: SSE_METHODS,
    value: 'METHOD',
    help: "Encryption at rest, instead of the bucket's own. --encrypt-key is --sse AES256.",
    group: 'Headers',
    faces: EVERYWHERE,
  },
  {
    name: 'sseKmsKeyId',
    flag: 'sse-kms-key-id',
    type: 'string',
    value: 'KEY',
    help: 'KMS key by id, ARN or alias, for an encryption by KMS.',
    group: 'Headers',
    faces: EVERYWHERE,
  },
  {
    name: 'tagging',
    flag: 'tagging',
    type: 'pairs',
    caseMatters: true,
    value: 'KEY=VALUE',
    help: 'A tag of every object. Repeatable, up to 10.',
    group: 'Headers',
    faces: EVERYWHERE,
  },
  {
    name: 'rules',
    flag: 'rules',
    type: 'file',
    value: 'FILE',
    help: 'Headers, gzip, ACL or skip by glob; all rules that match merge, the later wins. The command line has them in a YAML or JSON file.',
    group: 'Headers',
    faces: EVERYWHERE,
  },
  {
    name: 'gzip',
    flag: 'gzip',
    type: 'optional',
    default: 'off',
    value: 'TYPE',
    help: 'Compress compressible types; --gzip=all: every type. Never twice, and kept only where it is smaller.',
    group: 'How',
    faces: EVERYWHERE,
  },
  {
    name: 'gzipType',
    flag: 'gzip-type',
    type: 'texts',
    choices: GZIP_WORDS,
    value: 'TYPE',
    help: 'Compress this content type, and only those given so; guess stands for the compressible ones. Repeatable.',
    group: 'How',
    faces: CLI,
  },
  {
    name: 'gzipLevel',
    flag: 'gzip-level',
    type: 'integer',
    default: '6',
    value: 'N',
    help: 'From 1, fast, to 9, small.',
    group: 'How',
    faces: EVERYWHERE,
  },
  {
    name: 'concurrency',
    flag: 'concurrency',
    aliases: ['processes'],
    type: 'integer',
    choices: ['auto'],
    default: 'auto',
    value: 'N',
    help: 'Requests in flight, or auto.',
    group: 'How',
    faces: EVERYWHERE,
  },
  {
    name: 'checksum',
    flag: 'checksum',
    type: 'choice',
    choices: CHECKSUMS,
    default: 'auto',
    value: 'KIND',
    help: 'How bodies are checked on their way: auto sends CRC32 where the server is known to take it, else Content-MD5.',
    group: 'How',
    faces: EVERYWHERE,
  },
  {
    name: 'maxAttempts',
    flag: 'max-attempts',
    type: 'integer',
    default: '8',
    value: 'N',
    help: 'Tries per request, the first included; a throttled one does not count.',
    group: 'How',
    faces: EVERYWHERE,
  },
  {
    name: 'retryDelay',
    flag: 'retry-delay',
    type: 'string',
    choices: ['jitter'],
    default: 'jitter',
    value: 'DELAY',
    help: 'Waits between tries: jitter, or linear:5s for as many times 5 s as there were tries.',
    group: 'How',
    faces: EVERYWHERE,
  },
  {
    name: 'memory',
    flag: 'memory',
    type: 'size',
    default: '192MiB',
    value: 'SIZE',
    help: 'Bytes of bodies held at once; a single larger one is sent alone.',
    group: 'How',
    faces: EVERYWHERE,
  },
  {
    name: 'partSize',
    flag: 'part-size',
    type: 'size',
    default: '8MiB, more above 64 GiB',
    value: 'SIZE',
    help: 'Parts of large objects, from 5MiB to 5GiB; doubled where there would be more than 9,999. Another size gives another ETag.',
    group: 'How',
    faces: EVERYWHERE,
  },
  {
    name: 'multipartThreshold',
    flag: 'multipart-threshold',
    type: 'size',
    default: '16MiB',
    value: 'SIZE',
    help: 'Objects above it go up in parts; from 5MiB to 5GiB.',
    group: 'How',
    faces: EVERYWHERE,
  },
  {
    name: 'resume',
    flag: 'resume',
    shorthands: { 'no-resume': 'off' },
    type: 'choice',
    choices: RESUMES,
    default: 'on',
    value: 'HOW',
    help: 'Unfinished uploads. on: send only what is missing; unproven: also where only parts can be compared; off: look for none, leave none.',
    group: 'How',
    faces: EVERYWHERE,
  },
  {
    name: 'httpClient',
    flag: 'http-client',
    type: 'choice',
    choices: HTTP_CLIENTS,
    default: 'sockets',
    value: 'CLIENT',
    help: 'What carries requests; undici costs two to four times the CPU.',
    group: 'How',
    faces: EVERYWHERE,
  },
  {
    name: 'syncReads',
    type: 'switch',
    default: 'on',
    help: 'False reads small files through the thread pool at once, not only where reading proves slow.',
    group: 'How',
    faces: API,
  },
  {
    name: 'failFast',
    flag: 'fail-fast',
    type: 'switch',
    default: 'off',
    help: 'Stop at the first failed object.',
    group: 'How',
    faces: EVERYWHERE,
  },
  {
    name: 'signal',
    type: 'object',
    help: 'AbortSignal that ends the run.',
    group: 'How',
    faces: API,
  },
  {
    name: 'onEvent',
    type: 'function',
    help: 'Called with each event: phase, progress, retry, throttle, warning, request.',
    group: 'How',
    faces: API,
  },
  {
    name: 'abortOlderThan',
    flag: 'abort-older-than',
    type: 'string',
    value: 'AGE',
    help: 'With the command uploads: abort those of this tool that began so long ago, such as 12h or 7d.',
    group: 'Unfinished uploads',
    faces: CLI,
  },
  {
    name: 'any',
    flag: 'any',
    type: 'switch',
    default: 'off',
    help: 'Abort those of other tools too.',
    group: 'Unfinished uploads',
    faces: CLI,
  },
  {
    name: 'yes',
    flag: 'yes',
    type: 'switch',
    default: 'off',
    help: 'Abort without asking; needed where there is no terminal to ask on.',
    group: 'Unfinished uploads',
    faces: CLI,
  },
  {
    name: 'verbose',
    flag: 'verbose',
    short: 'v',
    type: 'switch',
    default: 'off',
    help: 'A line for skipped objects too, and the requests made.',
    group: 'Output',
    faces: CLI,
  },
  {
    name: 'quiet',
    flag: 'quiet',
    short: 'q',
    type: 'switch',
    default: 'off',
    help: 'Failures and nothing else; the lines of --json stay whole.',
    group: 'Output',
    faces: CLI,
  },
  {
    name: 'json',
    flag: 'json',
    type: 'switch',
    default: 'off',
    help: 'One JSON object per line on stdout: every outcome, the report last.',
    group: 'Output',
    faces: CLI,
  },
  {
    name: 'progress',
    flag: 'progress',
    type: 'switch',
    default: 'on',
    help: 'Progress on stderr: a bar on a terminal, else a line every few seconds.',
    group: 'Output',
    faces: CLI,
  },
  {
    name: 'config',
    flag: 'config',
    type: 'file',
    default: 's3-parallel-put.config.yaml, .yml or .json in the working directory',
    value: 'FILE',
    help: 'Options from a YAML or JSON file, by their names in the API.',
    group: 'Output',
    faces: CLI,
  },
  {
    name: 'printConfig',
    flag: 'print-config',
    type: 'switch',
    help: 'Print every option in force and where it comes from, and do nothing.',
    group: 'Output',
    faces: CLI,
  },
  {
    name: 'command',
    flag: 'command',
    type: 'string',
    value: 'NAME',
    help: 'The command, where a folder of the same name makes the first word ambiguous.',
    group: 'Output',
    faces: CLI,
  },
  {
    name: 'help',
    flag: 'help',
    short: 'h',
    type: 'switch',
    help: 'Show this.',
    group: 'Output',
    faces: CLI,
  },
  {
    name: 'version',
    flag: 'version',
    type: 'switch',
    help: 'Show the version.',
    group: 'Output',
    faces: CLI,
  },
];

/** The rows that can be flags on the command line. */
export const CLI_FLAGS: readonly (OptionRow & { readonly flag: string })[] = OPTION_TABLE.filter(isFlag);

function isFlag(row: OptionRow): row is OptionRow & { readonly flag: string } {
  return row.flag !== undefined && row.type !== 'operands' && row.faces.includes('cli');
}
