/** An input that is no option of the engine. */
export interface OwnInput {
  readonly name: string;
  readonly description: string;
  readonly default?: string;
}

export const DEFAULT_SESSION_NAME = 's3-parallel-put';

/** What the Action is told beside the options. */
export const OWN_INPUTS: readonly OwnInput[] = [
  {
    name: 'command',
    description:
      'What to do: put files into a bucket, copy from bucket to bucket, or list and abort unfinished uploads.',
    default: 'put',
  },
  {
    name: 'site-url',
    description: 'Where visitors find what is put, without the prefix; the output url is made of it.',
  },
  {
    name: 'aws-access-key-id',
    description: 'Access key, for servers that have no other credentials (R2, MinIO). Give it as a secret.',
  },
  {
    name: 'aws-secret-access-key',
    description: 'Its secret key. Give it as a secret.',
  },
  {
    name: 'aws-session-token',
    description: 'Its session token, where there is one. Give it as a secret.',
  },
  {
    name: 'aws-region',
    description: 'The same as region.',
  },
  {
    name: 'role-to-assume',
    description:
      'ARN of an IAM role that is assumed by OIDC, again and again in long runs. Needs permissions: id-token: write.',
  },
  {
    name: 'role-session-name',
    description: 'Name of that session, as CloudTrail shows it.',
    default: DEFAULT_SESSION_NAME,
  },
];

/** Commands of the Action. */
export const ACTION_COMMANDS = ['put', 'copy', 'uploads'] as const;
export type ActionCommand = (typeof ACTION_COMMANDS)[number];
