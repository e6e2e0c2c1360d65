import { createHash } from 'node:crypto';
import type { S3Server } from 'fake-s3';
import { type RawAnswer, sendSigned } from 'fake-s3/raw-request';
import { type ModelNode, nodeAt, textAt } from './model-document.js';

/** A task of a job, by its line in the manifest. */
interface FakeTask {
  /** The source's. */
  readonly bucket: string;
  /** As in the manifest. */
  readonly encodedKey: string;
  readonly key: string;
  readonly versionId: string | undefined;
  /** The code of its failure; undefined while it was not tried, and where it succeeded. */
  code: string | undefined;
  status: number;
}

export interface FakeJob {
  readonly id: string;
  readonly token: string;
  /** The document that it was created by. */
  readonly request: string;
  readonly document: ModelNode;
  readonly operation: ModelNode;
  readonly target: string;
  readonly targetPrefix: string;
  readonly manifest: { readonly bucket: string; readonly key: string };
  readonly reports: { readonly bucket: string; readonly prefix: string; readonly all: boolean } | undefined;
  /** The credentials of its role. */
  readonly signing: { readonly accessKeyId: string; readonly secretAccessKey: string };
  status: string;
  /** `code: reason` */
  failure: string | undefined;
  tasks: FakeTask[];
  /** Tasks that were tried. */
  done: number;
}

/** S3 refuses larger objects: a job makes one CopyObject of each. */
const MOST_BYTES = 5 * 1024 ** 3;
const TASKS_AT_ONCE = 32;

/** Reads the manifest with the rights of the role, as S3 does while a job is `Preparing`. */
export async function prepareJob(s3: S3Server, job: FakeJob): Promise<void> {
  const { manifest, document, signing } = job;
  const answer = await sendSigned(s3, { path: `/${manifest.bucket}/${encodeKey(manifest.key)}` }, signing);
  const fields = (nodeAt(document, 'Manifest', 'Spec', 'Fields')?.children ?? []).map(({ text }) => text);
  const lines = answer.body.split('\n').filter((line) => line !== '');
  const rows = lines.map((line) => line.split(','));
  const wanted = textAt(document, 'Manifest', 'Location', 'ETag');
  const why =
    answer.status !== 200
      ? `ManifestNotReadable: the role cannot read the manifest, ${answer.code}`
      : String(answer.headers.etag).replaceAll('"', '') !== wanted
        ? 'ManifestETagMismatch: the manifest does not have the ETag of the request'
        : rows.some((row) => row.length !== fields.length)
          ? 'ManifestNotReadable: a line has not the fields of the request'
          : new Set(rows.map(([bucket]) => bucket)).size !== 1
            ? 'ManifestNotReadable: all sources must be in one bucket'
            : undefined;
  if (why !== undefined) {
    job.status = 'Failed';
    job.failure = why;
    return;
  }
  job.tasks = rows.map(([bucket = '', encodedKey = '', versionId]) => ({
    bucket,
    encodedKey,
    key: decodeURIComponent(encodedKey),
    versionId: versionId === undefined ? undefined : decodeURIComponent(versionId),
    code: undefined,
    status: 0,
  }));
  job.status = 'Active';
}

/** Copies the next objects. */
export async function runTasks(
  s3: S3Server,
  job: FakeJob,
  count: number,
  onTask: (key: string, job: FakeJob) => string | undefined = () => undefined,
): Promise<void> {
  const until = Math.min(job.tasks.length, job.done + count);
  const one = async (): Promise<void> => {
    while (job.done < until && job.status === 'Active') {
      const task = job.tasks[job.done] as FakeTask;
      job.done += 1;
      const code = onTask(task.key, job);
      if (code !== undefined) Object.assign(task, { code, status: 500 });
      else await copy(s3, job, task);
    }
  };
  await Promise.all(Array.from({ length: TASKS_AT_ONCE }, one));
}

async function copy(s3: S3Server, job: FakeJob, task: FakeTask): Promise<void> {
  const version = task.versionId === undefined ? '' : `?versionId=${task.versionId}`;
  const from = `/${task.bucket}/${encodeKey(task.key)}`;
  const head = await sendSigned(s3, { method: 'HEAD', path: from + version }, job.signing);
  if (Number(head.headers['content-length'] ?? 0) > MOST_BYTES) {
    Object.assign(task, { code: 'InvalidRequest', status: 400 });
    return;
  }
  const key = job.targetPrefix === '' ? task.key : `${job.targetPrefix}/${task.key}`;
  const headers = { ...headersOf(job), 'x-amz-copy-source': from + version };
  const path = `/${job.target}/${encodeKey(key)}`;
  const answer: RawAnswer = await sendSigned(s3, { method: 'PUT', path, headers }, job.signing);
  task.status = answer.status;
  if (answer.status !== 200) task.code = answer.code ?? `Http${answer.status}`;
}

/** The fields of the job as headers of its CopyObjects. */
function headersOf({ operation }: FakeJob): Record<string, string> {
  const headers: Record<string, string> = {};
  const set = (name: string, value: string | undefined): void => {
    if (value !== undefined) headers[name] = value;
  };
  const since = textAt(operation, 'UnModifiedSinceConstraint');
  set('x-amz-copy-source-if-unmodified-since', since && new Date(since).toUTCString());
  set('x-amz-metadata-directive', textAt(operation, 'MetadataDirective'));
  set('x-amz-storage-class', textAt(operation, 'StorageClass'));
  set('x-amz-acl', textAt(operation, 'CannedAccessControlList'));
  set('x-amz-website-redirect-location', textAt(operation, 'RedirectLocation'));
  set('x-amz-server-side-encryption-aws-kms-key-id', textAt(operation, 'SSEAwsKmsKeyId'));
  set('x-amz-server-side-encryption-bucket-key-enabled', textAt(operation, 'BucketKeyEnabled'));
  set('x-amz-checksum-algorithm', textAt(operation, 'ChecksumAlgorithm'));
  set('x-amz-object-lock-mode', textAt(operation, 'ObjectLockMode'));
  set('x-amz-object-lock-legal-hold', textAt(operation, 'ObjectLockLegalHoldStatus'));
  set('x-amz-object-lock-retain-until-date', textAt(operation, 'ObjectLockRetainUntilDate'));
  set('x-amz-request-payer', textAt(operation, 'RequesterPays') === 'true' ? 'requester' : undefined);
  const tags = nodeAt(operation, 'NewObjectTagging')?.children.map((tag) => [textAt(tag, 'Key'), textAt(tag, 'Value')]);
  if (tags !== undefined) {
    set('x-amz-tagging', new URLSearchParams(tags as [string, string][]).toString());
    set('x-amz-tagging-directive', 'REPLACE');
  }
  const metadata = nodeAt(operation, 'NewObjectMetadata');
  if (metadata === undefined) return headers;
  set('cache-control', textAt(metadata, 'CacheControl'));
  set('content-disposition', textAt(metadata, 'ContentDisposition'));
  set('content-encoding', textAt(metadata, 'ContentEncoding'));
  set('content-language', textAt(metadata, 'ContentLanguage'));
  set('content-type', textAt(metadata, 'ContentType'));
  const expires = textAt(metadata, 'HttpExpiresDate');
  set('expires', expires && new Date(expires).toUTCString());
  const sse = textAt(metadata, 'SSEAlgorithm');
  set('x-amz-server-side-encryption', sse === 'KMS' ? 'aws:kms' : sse);
  for (const entry of nodeAt(metadata, 'UserMetadata')?.children ?? [])
    set(`x-amz-meta-${textAt(entry, 'key')}`, textAt(entry, 'value'));
  return headers;
}

/** A file of a completion report. */
export interface FakeReportFile {
  readonly key: string;
  readonly body: string;
}

/**
 * Writes the completion report with the rights of the role: none where no task was tried.
 * @param change what a test makes of its files before they are written, once their manifest has their digests
 */
export async function writeReport(
  s3: S3Server,
  job: FakeJob,
  change: (files: readonly FakeReportFile[]) => readonly FakeReportFile[] = (files) => files,
): Promise<void> {
  const { reports, signing, id } = job;
  const tried = job.tasks.slice(0, job.done);
  if (reports === undefined || tried.length === 0) return;
  const root = `${reports.prefix}${reports.prefix === '' ? '' : '/'}job-${id}`;
  const files: FakeReportFile[] = [];
  const results: object[] = [];
  for (const status of ['succeeded', 'failed'] as const) {
    const tasks = tried.filter(({ code }) => (code === undefined) === (status === 'succeeded'));
    if (tasks.length === 0 || (status === 'succeeded' && !reports.all)) continue;
    const body = tasks.map((task) => `${rowOf(task, status)}\n`).join('');
    const md5 = createHash('md5').update(body).digest('hex');
    const key = `${root}/results/${createHash('sha1').update(body).digest('hex')}.csv`;
    files.push({ key, body });
    results.push({ TaskExecutionStatus: status, Bucket: reports.bucket, MD5Checksum: md5, Key: key });
  }
  const schema = 'Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage';
  const manifest = { Format: 'Report_CSV_20180820', ReportCreationDate: new Date().toISOString(), Results: results };
  files.push({ key: `${root}/manifest.json`, body: JSON.stringify({ ...manifest, ReportSchema: schema }) });
  for (const { key, body } of change(files))
    await sendSigned(s3, { method: 'PUT', path: `/${reports.bucket}/${encodeKey(key)}`, body }, signing);
}

function rowOf({ bucket, encodedKey, versionId = '', code = '', status }: FakeTask, word: string): string {
  const message = code === '' ? 'Successful' : `"${code}, by ""S3"""`;
  return [bucket, encodedKey, versionId, word, status, code, message].join(',');
}

function encodeKey(key: string): string {
  return key
    .split('/')
    .map((part) =>
      encodeURIComponent(part).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`),
    )
    .join('/');
}
