import { UsageError } from '../errors.js';
import { RESUMES } from '../option-values.js';

/** What to say to a spelling of the original tool that is gone; `value` is the text that came with it. */
type Answer = (value: string | undefined) => string;

const COPY = 'From bucket to bucket is the command "copy": s3-parallel-put copy s3://SOURCE s3://DEST.';

const WALK: ReadonlyMap<string | undefined, string> = new Map([
  ['tar', 'Leave it out: a source whose name ends in .tar, .tar.gz or .tar.zst is read as an archive.'],
  ['s3', COPY],
]);

/** Flags of the original s3-parallel-put that work no more, without dashes; all take a value. */
export const RETIRED: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ['walk', (value) => WALK.get(value) ?? 'Leave it out: directories and files are walked by default.'],
  ['bucket_region', () => 'Use --region.'],
  ['log-filename', () => 'Use --log-file FILE, or redirect stdout: "--json > FILE" for a program to read.'],
  [
    'ignore-files-older-than-days',
    () =>
      'It never left a file out, and modification times are not used. Choose files with --include, --exclude, --min-size and --max-size.',
  ],
]);

/** Throws for values that were retired while their option stays. */
export function refuseRetiredValue(name: string, as: string, value: string): void {
  if (name === 'mode' && value === 'copy') throw new UsageError(`${as} copy is no longer a mode.`, COPY);
  if (name === 'resume' && !RESUMES.some((choice) => choice === value)) {
    throw new UsageError(
      `${as} ${value} is retired: it takes no log any more, but one of ${RESUMES.join(', ')}.`,
      'No log is needed: run the same command again. --mode update puts what is absent or different, --mode add what is absent.',
    );
  }
  if (name === 'contentType' && value === 'magic') {
    throw new UsageError(
      `${as} magic is no longer supported.`,
      'Use --content-type guess, which is the default: it goes by the name of the file.',
    );
  }
}

/** The error for a retired flag, or undefined for any other. */
export function retiredFlag(name: string, value: string | undefined): UsageError | undefined {
  const answer = RETIRED.get(name);
  if (answer === undefined) return undefined;
  return new UsageError(`--${name}${value === undefined ? '' : ` ${value}`} is retired.`, answer(value));
}
