import { CLI, type OptionRow } from '../row.js';

/** Options about work on more than one machine, by a queue. */
export const FLEET: readonly OptionRow[] = [
  {
    name: 'queue',
    flag: 'queue',
    type: 'string',
    value: 'URL',
    help: 'Have workers do it: queue batches of objects in Redis, redis://host:6379, from which "worker" takes them.',
    group: 'How',
    commands: ['put', 'copy', 'worker'],
    faces: CLI,
    foundFile: 'never',
  },
  {
    name: 'queueRun',
    flag: 'queue-run',
    type: 'string',
    value: 'NAME',
    help: 'Name of the run in the queue; a run of this name that was stopped goes on. By default each run has a new name.',
    group: 'How',
    commands: ['put', 'copy'],
    faces: CLI,
    foundFile: 'never',
  },
  {
    name: 'allowSource',
    flag: 'allow-source',
    type: 'texts',
    value: 'DIR',
    help: 'What this worker may read, whatever the queue says: a directory, or s3://bucket/prefix for copies; repeatable. By default the queue decides.',
    group: 'How',
    commands: ['worker'],
    faces: CLI,
    foundFile: 'never',
  },
  {
    name: 'allowDestination',
    flag: 'allow-destination',
    type: 'texts',
    value: 's3://BUCKET/PREFIX',
    help: 'Where this worker may write, and only by its own --endpoint-url; repeatable. By default the queue decides.',
    group: 'How',
    commands: ['worker'],
    faces: CLI,
    foundFile: 'never',
  },
];
