import { S3RequestError } from '../errors.js';
import { storageDollars } from '../model/verbs.js';
import { formatBytes, printable, secondsText } from '../report/format.js';
import { jsonError, jsonText } from '../report/json.js';
import { shorten, type Text, textIn } from '../report/message.js';
import type { UnfinishedUpload } from '../uploads.js';
import { EXIT, withFlags } from './errors.js';
import { askOnTerminal, canAsk } from './output/ask.js';
import { isClosed, linesTo, lostOutput } from './output/terminal.js';
import type { ParsedUploads } from './parse.js';

/** Lists unfinished uploads, and aborts the chosen ones; resolves with the exit code. */
export async function runUploads({ options, output, settings, yes }: ParsedUploads): Promise<number> {
  const [{ uploads }, { withConnectionEnvironment }, { checkUploadsWithOrigin }] = await Promise.all([
    import('../uploads.js'),
    import('../config/connection-environment.js'),
    import('../config/locate-error.js'),
  ]);
  const { stdout, stderr } = process;
  const lines = linesTo(stdout, () => {});
  let cannotAsk = false;
  const confirm = async (chosen: readonly UnfinishedUpload[]): Promise<boolean> => {
    if (yes) return true;
    cannotAsk = !canAsk();
    return !cannotAsk && confirmOnTerminal(chosen, options.bucket);
  };
  let found: readonly UnfinishedUpload[];
  try {
    const checked = withConnectionEnvironment(options, process.env);
    await checkUploadsWithOrigin(checked, settings);
    found = await uploads({ ...checked, confirm });
  } catch (error) {
    if (!(error instanceof S3RequestError)) throw error;
    const hint = textIn(error, 'hint');
    stderr.write(
      `s3-parallel-put: ${shown(textIn(error, 'message'))}${hint === undefined ? '' : `\n  ${shown(hint)}`}\n`,
    );
    return EXIT.denied;
  }
  const bucket = /^s3:\/\/([^/]*)/.exec(options.bucket)?.[1] ?? options.bucket;
  const fixes = new Set<string>();
  const lineOf = output.json
    ? jsonOf
    : (upload: UnfinishedUpload) => textOf(upload, bucket, options.dryRun === true) + newFix(upload, fixes);
  for (const upload of found)
    if (output.json || !output.quiet || upload.state === 'failed') await lines.write(lineOf(upload));
  await lines.flush();
  const stdoutError = lines.broken();
  const left = stdoutError !== undefined && isClosed(stdoutError, stdout);
  const onlyShows = options.abortOlderThan === undefined || options.dryRun === true;
  if (left && onlyShows) return EXIT.done;
  if (output.summary) stderr.write(`${summary(found, options.dryRun === true)}\n`);
  if (cannotAsk) {
    stderr.write(
      's3-parallel-put: nothing was aborted: there is no terminal for the question; add --yes to abort them.\n',
    );
    return EXIT.usage;
  }
  if (stdoutError !== undefined && !left) {
    stderr.write(`s3-parallel-put: ${lostOutput('stdout', stdoutError)}\n`);
    return EXIT.failed;
  }
  return found.some(({ state }) => state === 'failed') ? EXIT.failed : EXIT.done;
}

/** A text from anywhere, on one line, with its options as flags. */
function shown(text: Text): string {
  return printable(shorten(withFlags(text)));
}

async function confirmOnTerminal(chosen: readonly UnfinishedUpload[], bucket: string): Promise<boolean> {
  for (const upload of chosen) process.stderr.write(`${textOf(upload, bucket, true)}\n`);
  return askOnTerminal(`Abort ${uploadCount(chosen.length)}? [y/N] `);
}

/** `s3://bucket/key (3 parts, 25.2 MB, 2 h 5 min old, ours) UPLOAD-ID`. */
function textOf(
  { key, uploadId, initiated, parts, bytes, ours, state, error }: UnfinishedUpload,
  bucket: string,
  dryRun: boolean,
): string {
  const size =
    parts === undefined ? 'parts unknown' : `${parts} ${parts === 1 ? 'part' : 'parts'}, ${formatBytes(bytes ?? 0)}`;
  const age =
    initiated === undefined ? 'age unknown' : `${secondsText((Date.now() - initiated.getTime()) / 1_000)} old`;
  const word = { kept: '', chosen: dryRun ? 'would abort ' : '', aborted: 'aborted ', failed: 'failed ' }[state];
  const name = bucket.startsWith('s3://') ? bucket : `s3://${bucket}`;
  // The line begins with the key.
  const named = `AbortMultipartUpload ${name}/${key}: `;
  const message = error === undefined ? '' : withFlags(textIn(error, 'message'));
  const why =
    error === undefined ? '' : `: ${shorten(message.startsWith(named) ? message.slice(named.length) : message)}`;
  return printable(`${word}${name}/${key} (${size}, ${age}, ${ours ? 'ours' : 'not ours'}) ${uploadId}${why}`);
}

/** The hint of a failed upload on a line of its own, where no earlier upload had the same one. */
function newFix({ error }: UnfinishedUpload, shownBefore: Set<string>): string {
  const hint = textIn(error, 'hint');
  const fix = hint === undefined ? '' : shown(hint);
  if (fix === '' || shownBefore.has(fix)) return '';
  shownBefore.add(fix);
  return `\n  ${fix}`;
}

function jsonOf({ error, initiated, ...rest }: UnfinishedUpload): string {
  const since = initiated?.toISOString();
  return jsonText({
    type: 'upload',
    ...rest,
    initiated: since,
    ...(error !== undefined && { error: jsonError(error) }),
  });
}

function summary(found: readonly UnfinishedUpload[], dryRun: boolean): string {
  const left = found.filter(({ state }) => state !== 'aborted');
  const bytes = left.reduce((sum, upload) => sum + (upload.bytes ?? 0), 0);
  const dollars = storageDollars(bytes).toFixed(2);
  if (found.length === 0) return 'No unfinished uploads.';
  const rest =
    left.length === 0 ? 'none' : `${uploadCount(left.length)}, ${formatBytes(bytes)}, about $${dollars} a month`;
  const aborted = found.length - left.length;
  const chosen = found.filter(({ state }) => state === 'chosen').length;
  if (dryRun && chosen > 0) return `Dry run: would abort ${uploadCount(chosen)}; there are ${rest}.`;
  return aborted > 0 ? `Aborted ${uploadCount(aborted)}; left: ${rest}.` : `${rest}.`;
}

function uploadCount(uploads: number): string {
  return `${uploads} unfinished ${uploads === 1 ? 'upload' : 'uploads'}`;
}
