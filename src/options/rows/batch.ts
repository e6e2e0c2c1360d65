import { COPY, type Face, type OptionRow } from '../row.js';

const API_AND_CLI: readonly Face[] = ['api', 'cli'];

/** Options of copies by S3 Batch Operations. */
export const BATCH: readonly OptionRow[] = [
  {
    name: 'batchOperations',
    flag: 'batch-operations',
    type: 'switch',
    default: 'off',
    help: 'Let a job of S3 Batch Operations copy what it can, inside AWS; the rest is copied as usual.',
    group: 'Copy',
    commands: COPY,
    faces: API_AND_CLI,
    foundFile: 'never',
  },
  {
    name: 'batchRole',
    flag: 'batch-role',
    type: 'string',
    value: 'ARN',
    help: 'ARN of the role that the jobs assume; it reads the source and writes the destination.',
    group: 'Copy',
    commands: COPY,
    faces: API_AND_CLI,
    foundFile: 'never',
  },
  {
    name: 'batchJob',
    flag: 'batch-job',
    type: 'texts',
    value: 'ID',
    help: 'Wait for this job of an earlier run, and create none; give each of several jobs.',
    group: 'Copy',
    commands: COPY,
    faces: API_AND_CLI,
    foundFile: 'never',
  },
  {
    name: 'batchReports',
    flag: 'batch-reports',
    type: 'string',
    default: "s3-parallel-put-jobs/ in the destination's bucket",
    value: 'ADDRESS',
    help: "Where manifests and completion reports of the jobs go: s3://bucket/prefix in the destination's region.",
    group: 'Copy',
    commands: COPY,
    faces: API_AND_CLI,
    foundFile: 'never',
  },
];
