import type { HelpTopic } from '../command-table.js';

// What help and the man page say besides the table of options.

export const NAME = 's3-parallel-put';

export const ABOUT: Readonly<Record<HelpTopic, string>> = {
  all:
    'Uploads directories, files and what is in tar archives into an S3 bucket, in parallel, and only what is new or different. ' +
    'Credentials come from the AWS configuration, as with the AWS CLI: environment, profile, or role.',
  put:
    'Uploads directories, files and what is in tar archives into an S3 bucket, in parallel, and only what is new or different. ' +
    'A directory is uploaded with everything below it, and keys are relative to it. ' +
    'Credentials come from the AWS configuration, as with the AWS CLI: environment, profile, or role.',
  copy:
    'Copies objects from bucket to bucket, in parallel, and only what is new or different. S3 copies them itself where it can; between ' +
    'two servers or accounts the bytes pass through this machine. Headers, metadata and tags are copied; ACLs are not.',
  uploads:
    'Lists the unfinished multipart uploads below a prefix: S3 charges for their parts until they are completed or aborted. ' +
    'With --abort-older-than it aborts old ones of this tool, after a question.',
  delete:
    'Deletes all objects below a prefix, such as a preview that is no longer needed. The prefix is taken with a slash at its end, so that ' +
    'pr-4 never means pr-42/, and it cannot be empty. Everything is listed first; then a question follows, which --yes answers. A bucket with versions keeps the old ones.',
  explain:
    'Shows what a put with the same options would do with one file, and why: its key, each header and the option, rule or guess that gives it, ' +
    'compression, phase, and which filter leaves it out. It takes all options of put, also from variables and the config file. Without a destination ' +
    'it makes no request; with one it makes those of a dry run of this file. The source is the folder of the file, unless a word or the config names another.',
  finish:
    'Follows the shards of a put, which several jobs have uploaded with --shard 1/4, --shard 2/4 and so on. It takes the same source, destination and options as these, and needs --reports and --shards. It ' +
    'refuses to begin (exit code 3) unless the reports show that every shard has uploaded the same files. Then it uploads the pages, deletes, invalidates and looks at the live ' +
    'site, as a put does. What a shard has not uploaded it uploads first, with a warning.',
  worker:
    'Takes batches of objects from a queue in Redis, which put and copy with --queue fill, and does them with the credentials of this machine, until it is ' +
    'stopped. Any number of workers may run, on any machines that see the same source. S3PP_QUEUE keeps a password out of the list of processes.',
  completion: `Prints a script with which a shell completes the commands, options and values of ${NAME}.`,
};

/** A command line, and what it does. */
export type Example = readonly [command: string, meaning: string];

const DEPLOY: Example = [`${NAME} dist s3://my-site/docs`, 'upload what is new or different below docs/'];
const DRY_RUN: Example = [`${NAME} -n dist s3://my-site`, 'show what that would do'];

export const EXAMPLES: Readonly<Record<'short' | Exclude<HelpTopic, 'all'>, readonly Example[]>> = {
  short: [
    [DEPLOY[0], 'upload what is new or different'],
    DRY_RUN,
    [`${NAME} copy s3://my-site s3://backup`, 'from bucket to bucket'],
  ],
  put: [
    DEPLOY,
    DRY_RUN,
    [`${NAME} --put stupid --processes 200 data s3://my-bucket`, 'upload everything, without listing the bucket'],
    [`${NAME} --preset site --order site --delete dist s3://my-site/`, 'a whole site, pages last'],
    [`tar c data | ${NAME} - s3://my-bucket --as data.tar`, 'upload standard input'],
    [`${NAME} --host http://localhost:9000 dist s3://test`, 'to another S3 server'],
  ],
  copy: [
    [`${NAME} copy s3://source s3://dest`, 'everything, under the same keys'],
    [`${NAME} copy s3://source/docs s3://dest/old`, 'docs/a becomes old/docs/a'],
    [`${NAME} copy 's3://source/docs/*' s3://dest/old`, 'docs/a becomes old/a'],
    [`${NAME} copy s3://source s3://dest --keys-file keys.txt`, 'the keys in a file'],
    [`${NAME} copy s3://source s3://dest --dest-profile other`, 'to another account'],
  ],
  uploads: [
    [`${NAME} uploads s3://my-bucket`, 'list them'],
    [
      `${NAME} uploads s3://my-bucket/docs --abort-older-than 7d`,
      'abort those of this tool that are older than 7 days',
    ],
    [`${NAME} uploads s3://my-bucket --abort-older-than 7d --any --yes`, 'those of all tools, without a question'],
  ],
  delete: [
    [`${NAME} delete s3://my-bucket/pr-42/`, 'after a question'],
    [`${NAME} delete -n s3://my-bucket/pr-42/`, 'show what that would delete'],
    [`${NAME} delete s3://my-bucket/pr-42/ --yes --max-delete 500`, 'without a question, and not more than 500'],
  ],
  explain: [
    [`${NAME} explain dist/index.html dist`, 'without a request'],
    [`${NAME} explain index.html dist s3://my-site`, 'whether it would be uploaded, too'],
    [`${NAME} explain --filters --exclude '*.map' a.js a.js.map`, 'which filter takes or leaves out these names'],
    [`find dist -type f | ${NAME} explain --filters dist -`, 'names from standard input'],
  ],
  finish: [
    [`${NAME} dist s3://my-site --shard 1/4 --json > reports/1.jsonl`, 'in the first of four jobs'],
    [`${NAME} finish dist s3://my-site --reports reports --shards 4`, 'in a job that has all four reports'],
  ],
  worker: [
    [`${NAME} worker redis://queue:6379`, 'until it is stopped'],
    [`S3PP_QUEUE=rediss://worker:PASSWORD@queue ${NAME} worker`, 'over TLS, with a user'],
    [`${NAME} copy s3://old s3://new --queue redis://queue:6379`, 'a run that workers do'],
  ],
  completion: [
    [`eval "$(${NAME} completion bash)"`, 'in ~/.bashrc'],
    [`eval "$(${NAME} completion zsh)"`, 'in ~/.zshrc, after compinit'],
    [`${NAME} completion fish | source`, 'in ~/.config/fish/config.fish'],
    [`${NAME} completion powershell | Out-String | Invoke-Expression`, 'in $PROFILE'],
  ],
};

/** An exit code, and the commands that never have it. */
export interface ExitCode {
  readonly code: string;
  readonly meaning: string;
  readonly not?: readonly HelpTopic[];
}

export const EXIT_CODES: readonly ExitCode[] = [
  { code: '0', meaning: 'all done', not: ['worker'] },
  {
    code: '1',
    meaning: 'some objects or an invalidation failed, or --check found something to change',
    not: ['copy', 'uploads', 'delete', 'explain', 'worker'],
  },
  {
    code: '1',
    meaning: 'some objects failed, or --check found something to change',
    not: ['put', 'uploads', 'delete', 'explain', 'finish', 'worker', 'all'],
  },
  {
    code: '1',
    meaning: 'some uploads could not be aborted',
    not: ['put', 'copy', 'delete', 'explain', 'finish', 'worker', 'all'],
  },
  {
    code: '1',
    meaning: 'some objects could not be deleted, or the answer was no',
    not: ['put', 'copy', 'uploads', 'explain', 'finish', 'worker', 'all'],
  },
  { code: '2', meaning: 'wrong options or configuration, or a source that does not exist', not: ['uploads', 'delete'] },
  {
    code: '2',
    meaning: 'wrong options or configuration, or no terminal to confirm on',
    not: ['put', 'copy', 'explain', 'finish', 'worker', 'all'],
  },
  {
    code: '3',
    meaning:
      'refused: no files found, secrets among the files, links to missing files, or more deletes or headers to change than allowed',
    not: ['copy', 'uploads', 'delete', 'explain', 'finish', 'worker'],
  },
  {
    code: '3',
    meaning:
      'refused: a shard that is missing, failed or other than the rest, secrets among the files, links to missing files, or more deletes or headers to change than allowed',
    not: ['put', 'copy', 'uploads', 'delete', 'explain', 'worker', 'all'],
  },
  {
    code: '3',
    meaning: 'refused: no files found, or more deletes or headers to change than allowed',
    not: ['put', 'uploads', 'delete', 'explain', 'finish', 'worker', 'all'],
  },
  {
    code: '3',
    meaning: 'refused: more deletes than --max-delete allows',
    not: ['put', 'copy', 'uploads', 'explain', 'finish', 'worker', 'all'],
  },
  { code: '4', meaning: 'no credentials, no bucket, or access denied before anything was done' },
  {
    code: '5',
    meaning: 'all is uploaded, but the live site differs, by --verify-url',
    not: ['copy', 'uploads', 'delete', 'explain', 'worker'],
  },
  { code: '130, 143', meaning: 'stopped by SIGINT or SIGTERM' },
];
