import { createHash, createHmac, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CreateJobRequest$,
  S3CannedAccessControlList,
  S3MetadataDirective,
  S3StorageClass,
} from '@aws-sdk/client-s3-control';
import type { S3Server } from 'fake-s3';
import { type FakeJob, type FakeReportFile, prepareJob, runTasks, writeReport } from './fake-job.js';
import { escaped, type ModelNode, modelErrors, nodeAt, readDocument, textAt } from './model-document.js';
import type { Cleanup } from './tree.js';

// The API of S3 Control (2018-08-20) and GetCallerIdentity of STS on loopback, as far as jobs that copy need them. It checks signatures, holds
// requests to the model of the SDK's client, refuses what S3 refuses, and copies in an embedded S3 server with the credentials of the job's role.

export const ACCOUNT = '111122223333';
export const ROLE: string = `arn:aws:iam::${ACCOUNT}:role/s3-batch-copy`;
const TEST_CREDENTIALS = { accessKeyId: 'test-access-key', secretAccessKey: 'test-secret-key' };
const XMLNS = 'http://awss3control.amazonaws.com/doc/2018-08-20/';

export type ControlAction = 'CreateJob' | 'DescribeJob' | 'GetCallerIdentity';

export interface FakeRole {
  /** With these the job reads and writes; default the server's own. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Whether the caller may pass it. @default true */
  readonly passable?: boolean;
}

export interface FakeS3ControlOptions {
  /** Roles by ARN. @default {@link ROLE} */
  readonly roles?: Readonly<Record<string, FakeRole>>;
  /** Region of the endpoint. @default the server's */
  readonly region?: string;
  /** Tasks that a job does between two looks at it. @default all */
  readonly tasksAtOnce?: number;
  /** Tasks after which a job fails if more than half of them have failed. @default 1,000, as S3 */
  readonly failAfter?: number;
  /** Is called with each new job. */
  readonly onCreate?: (job: FakeJob) => void;
  /** Is called before each task; a code is that of its failure. */
  readonly onTask?: (key: string, job: FakeJob) => string | undefined;
  /** Changes the files of completion reports before they are written. */
  readonly onReport?: (files: readonly FakeReportFile[]) => readonly FakeReportFile[];
  /** Looks at a job that find it `Suspended`, before it goes on as if somebody had let it. @default 0 */
  readonly suspendedFor?: number;
}

export interface FakeS3Control {
  readonly url: string;
  /** For the environment of a child process. */
  readonly env: Readonly<Record<string, string>>;
  readonly requests: readonly ControlAction[];
  readonly jobs: readonly FakeJob[];
  count(action: ControlAction): number;
  deny(action: ControlAction): void;
  /** The next `times` requests of an action fail with this code. */
  fail(action: ControlAction, code: string, status: number, times: number): void;
  /** Drops the connection after the next `times` requests of an action were carried out. */
  lose(action: ControlAction, times: number): void;
  /** Cancels a job, as somebody else does. */
  cancel(job: FakeJob): void;
}

class ControlFault extends Error {
  readonly code: string;
  readonly status: number;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/**
 * Starts the server, which ends with the test. The SDK finds it by `AWS_ENDPOINT_URL_S3_CONTROL` and `AWS_ENDPOINT_URL_STS`, which are set in this
 * process until then; a child process is given them as `env`.
 */
export async function s3ControlFor(
  t: Cleanup,
  s3: S3Server,
  options: FakeS3ControlOptions = {},
): Promise<FakeS3Control> {
  const { roles = { [ROLE]: {} }, region = s3.region, tasksAtOnce = Number.POSITIVE_INFINITY } = options;
  const requests: ControlAction[] = [];
  let { suspendedFor: suspended = 0 } = options;
  const jobs: FakeJob[] = [];
  const denied = new Set<ControlAction>();
  const faults: { action: ControlAction; code: string; status: number; times: number }[] = [];

  function check(action: ControlAction): void {
    if (denied.has(action)) throw accessDenied(`s3:${action}`);
    const fault = faults.find((one) => one.action === action && one.times > 0 && one.code !== LOST);
    if (fault === undefined) return;
    fault.times -= 1;
    throw new ControlFault(fault.status, fault.code, `${fault.code} by the test.`);
  }

  function create(body: string): FakeJob {
    let document: ModelNode;
    try {
      document = readDocument(body);
    } catch (error) {
      throw new ControlFault(400, 'MalformedXML', String(error));
    }
    // The account is a header, and no member of the document.
    const wrong = [...modelErrors(document, CreateJobRequest$), ...enumErrors(document)];
    if (wrong.length > 0) throw new ControlFault(400, 'MalformedXML', wrong.join('; '));
    const arn = textAt(document, 'RoleArn') ?? '';
    const role = Object.hasOwn(roles, arn) ? roles[arn] : undefined;
    if (role?.passable === false) throw accessDenied(`iam:PassRole on resource: ${arn}`);
    if (role === undefined)
      throw invalid(
        `The role ${arn} does not exist, or its trust policy does not name batchoperations.s3.amazonaws.com`,
      );
    const operation = nodeAt(document, 'Operation', 'S3PutObjectCopy');
    if (operation === undefined) throw invalid('Only copies are supported here');
    if (nodeAt(document, 'Manifest') === undefined) throw invalid('A manifest is required');
    const target = bucketIn(textAt(operation, 'TargetResource'));
    const manifest = /^arn:aws:s3:::([^/]+)\/(.+)$/s.exec(textAt(document, 'Manifest', 'Location', 'ObjectArn') ?? '');
    if (manifest === null) throw invalid('The ARN of the manifest is invalid');
    for (const bucket of [target, manifest[1] ?? '']) checkRegion(bucket);
    if (textAt(document, 'ConfirmationRequired') === 'true') throw invalid('Nobody confirms jobs here');
    const token = textAt(document, 'ClientRequestToken') ?? '';
    if (token === '' || token.length > 64) throw invalid('A ClientRequestToken of 1 to 64 characters is required');
    const before = jobs.find((job) => job.token === token);
    if (before !== undefined && before.request !== body)
      throw new ControlFault(400, 'IdempotencyException', 'The token was used with other parameters');
    if (before !== undefined) return before;
    const { credentials = s3 } = role;
    const signing = { accessKeyId: credentials.accessKeyId, secretAccessKey: credentials.secretAccessKey };
    const job: FakeJob = {
      id: randomUUID(),
      token,
      request: body,
      document,
      operation,
      target,
      targetPrefix: textAt(operation, 'TargetKeyPrefix') ?? '',
      manifest: { bucket: manifest[1] ?? '', key: manifest[2] ?? '' },
      reports: reportsIn(document),
      signing,
      status: 'New',
      failure: undefined,
      tasks: [],
      done: 0,
    };
    jobs.push(job);
    options.onCreate?.(job);
    return job;
  }

  /** The job runs in the region of its endpoint, which has to be the destination's. */
  function checkRegion(bucket: string): void {
    if (!bucketExists(s3, bucket)) throw invalid(`The bucket ${bucket} does not exist`);
    const own = s3.regionOf(bucket);
    if (own !== region) throw invalid(`The bucket ${bucket} is in ${own}, and the job in ${region}`);
  }

  /** Each look at a job takes it a step further. */
  async function step(job: FakeJob): Promise<void> {
    if (job.status === 'New') job.status = 'Preparing';
    else if (job.status === 'Preparing') await prepareJob(s3, job);
    else if (job.status === 'Active') {
      await runTasks(s3, job, tasksAtOnce, options.onTask);
      const failed = job.tasks.slice(0, job.done).filter(({ code }) => code !== undefined).length;
      if (job.done >= (options.failAfter ?? 1_000) && failed > job.done / 2)
        end(job, 'Failing', 'JobTasksExceededFailureThreshold: more than half of the tasks have failed');
      else if (job.done === job.tasks.length) end(job, 'Completing');
    } else if (job.status in ENDS) {
      await writeReport(s3, job, options.onReport);
      job.status = ENDS[job.status as keyof typeof ENDS];
    }
  }

  async function respond(request: IncomingMessage, body: string): Promise<{ action: ControlAction; document: string }> {
    const [action, id] = routeOf(request, body);
    requests.push(action);
    verify(request, body, action === 'GetCallerIdentity' ? 'sts' : 's3', region, s3);
    check(action);
    if (action === 'GetCallerIdentity')
      return {
        action,
        document: `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::${ACCOUNT}:user/test</Arn><UserId>AIDATEST</UserId><Account>${ACCOUNT}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
      };
    if (request.headers['x-amz-account-id'] !== ACCOUNT) throw accessDenied(`s3:${action}`);
    if (action === 'CreateJob')
      return {
        action,
        document: `<CreateJobResult xmlns="${XMLNS}"><JobId>${create(body).id}</JobId></CreateJobResult>`,
      };
    const job = jobs.find((one) => one.id === id);
    if (job === undefined) throw new ControlFault(404, 'NoSuchJob', 'The specified job does not exist.');
    if (suspended > 0) {
      suspended -= 1;
      return { action, document: describe({ ...job, status: 'Suspended' }) };
    }
    const document = describe(job);
    await step(job);
    return { action, document };
  }

  const server = createServer((request, response) => {
    void request
      .toArray()
      .then((pieces) => respond(request, Buffer.concat(pieces as Buffer[]).toString()))
      .then(({ action, document }) => {
        const lost = faults.find((one) => one.action === action && one.code === LOST && one.times > 0);
        if (lost === undefined) return send(response, 200, document);
        lost.times -= 1;
        request.socket.destroy();
      })
      .catch((error: unknown) => {
        const { status, code, message } =
          error instanceof ControlFault ? error : new ControlFault(500, 'InternalServiceException', String(error));
        send(
          response,
          status,
          `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${escaped(message)}</Message></Error><RequestId>request-1</RequestId></ErrorResponse>`,
        );
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = { AWS_ENDPOINT_URL_S3_CONTROL: url, AWS_ENDPOINT_URL_STS: url };
  Object.assign(process.env, env);
  t.after(() => {
    for (const [name, value] of Object.entries(env)) if (process.env[name] === value) delete process.env[name];
    server.closeAllConnections();
    server.close();
  });
  return {
    url,
    env,
    requests,
    jobs,
    count: (action) => requests.filter((one) => one === action).length,
    deny: (action) => void denied.add(action),
    fail: (action, code, status, times) => void faults.push({ action, code, status, times }),
    lose: (action, times) => void faults.push({ action, code: LOST, status: 0, times }),
    cancel: (job) => end(job, 'Cancelling'),
  };
}

const LOST = 'lost';
const ENDS = { Completing: 'Complete', Failing: 'Failed', Cancelling: 'Cancelled' } as const;

function end(job: FakeJob, status: keyof typeof ENDS, failure?: string): void {
  job.status = status;
  job.failure = failure;
}

function accessDenied(what: string): ControlFault {
  return new ControlFault(
    403,
    'AccessDenied',
    `User: arn:aws:iam::${ACCOUNT}:user/test is not authorized to perform: ${what}`,
  );
}

function invalid(message: string): ControlFault {
  return new ControlFault(400, 'InvalidRequest', message);
}

function bucketExists(s3: S3Server, bucket: string): boolean {
  try {
    s3.keys(bucket);
    return true;
  } catch {
    return false;
  }
}

function bucketIn(arn = ''): string {
  const bucket = /^arn:aws:s3:::([a-z0-9.-]{3,63})$/.exec(arn)?.[1];
  if (bucket === undefined) throw invalid(`${arn} is not the ARN of a bucket`);
  return bucket;
}

function reportsIn(document: ModelNode): FakeJob['reports'] {
  const report = nodeAt(document, 'Report');
  if (report === undefined || textAt(report, 'Enabled') !== 'true') return undefined;
  if (textAt(report, 'Format') !== 'Report_CSV_20180820') throw invalid('A report needs a format');
  const prefix = textAt(report, 'Prefix') ?? '';
  if (prefix.length > 512) throw invalid('The prefix of a report has at most 512 characters');
  return {
    bucket: bucketIn(textAt(report, 'Bucket')),
    prefix,
    all: textAt(report, 'ReportScope') === 'AllTasks',
  };
}

/** Schemas have no values of enums. */
function enumErrors(document: ModelNode): string[] {
  const operation = nodeAt(document, 'Operation', 'S3PutObjectCopy');
  const values: readonly (readonly [string, object])[] = [
    ['StorageClass', S3StorageClass],
    ['CannedAccessControlList', S3CannedAccessControlList],
    ['MetadataDirective', S3MetadataDirective],
  ];
  return values.flatMap(([name, known]) => {
    const value = operation && textAt(operation, name);
    return value === undefined || Object.values(known).includes(value) ? [] : [`${name} cannot be ${value}`];
  });
}

function describe(job: FakeJob): string {
  const failed = job.tasks.slice(0, job.done).filter(({ code }) => code !== undefined).length;
  const [code = '', reason = ''] = (job.failure ?? '').split(': ');
  const operation = /<Operation>[\s\S]*<\/Operation>/.exec(job.request)?.[0] ?? '';
  const report = /<Report>[\s\S]*<\/Report>/.exec(job.request)?.[0] ?? '';
  return (
    `<DescribeJobResult xmlns="${XMLNS}"><Job><JobId>${job.id}</JobId><Status>${job.status}</Status>${operation}${report}` +
    `<ProgressSummary><TotalNumberOfTasks>${job.tasks.length}</TotalNumberOfTasks><NumberOfTasksSucceeded>${job.done - failed}</NumberOfTasksSucceeded><NumberOfTasksFailed>${failed}</NumberOfTasksFailed></ProgressSummary>` +
    `${job.failure === undefined ? '' : `<FailureReasons><member><FailureCode>${escaped(code)}</FailureCode><FailureReason>${escaped(reason)}</FailureReason></member></FailureReasons>`}` +
    '</Job></DescribeJobResult>'
  );
}

function send(response: ServerResponse, status: number, document: string): void {
  response.writeHead(status, { 'content-type': 'text/xml', 'x-amzn-requestid': 'request-1' });
  response.end(`<?xml version="1.0" encoding="UTF-8"?>\n${document}`);
}

function routeOf({ method, url = '' }: IncomingMessage, body: string): readonly [ControlAction, string?] {
  if (method === 'POST' && url === '/v20180820/jobs') return ['CreateJob'];
  const id = /^\/v20180820\/jobs\/([\w-]+)$/.exec(url)?.[1];
  if (method === 'GET' && id !== undefined) return ['DescribeJob', id];
  if (method === 'POST' && url === '/' && /\bAction=GetCallerIdentity\b/.test(body)) return ['GetCallerIdentity'];
  throw new ControlFault(404, 'NoSuchResource', `${method} ${url}`);
}

/** Verifies the signature, of all headers that the client has signed. */
function verify(
  request: IncomingMessage,
  body: string,
  service: 's3' | 'sts',
  region: string,
  { accessKeyId, secretAccessKey }: typeof TEST_CREDENTIALS,
): void {
  const { authorization = '', 'x-amz-date': date = '' } = request.headers;
  const [, key, scope = '', names = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\S+?), SignedHeaders=(\S+?), Signature=([0-9a-f]{64})$/.exec(
      authorization,
    ) ?? [];
  if (key !== accessKeyId) throw new ControlFault(403, 'InvalidAccessKeyId', 'The access key is not known.');
  if (!new RegExp(`^\\d{8}/${region}/${service}/aws4_request$`).test(scope))
    throw new ControlFault(403, 'SignatureDoesNotMatch', `Credential should be scoped correctly, not ${scope}.`);
  const headers = names.split(';').map((name) => `${name}:${String(request.headers[name] ?? '').trim()}\n`);
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
  const canonical = [request.method, request.url, '', headers.join(''), names, sha256(body)].join('\n');
  const secret = scope
    .split('/')
    .reduce<Buffer | string>((key, part) => createHmac('sha256', key).update(part).digest(), `AWS4${secretAccessKey}`);
  const text = `AWS4-HMAC-SHA256\n${String(date)}\n${scope}\n${sha256(canonical)}`;
  if (createHmac('sha256', secret).update(text).digest('hex') !== signature)
    throw new ControlFault(403, 'SignatureDoesNotMatch', 'The signature does not match.');
}
