// Deploys built sites, rolls their headers to others and back by `updateHeaders`, on the embedded server, versitygw and MinIO, by the command line,
// the bundle of the Action and gulp 5: `tsx test/large/real-headers.ts [--servers=embedded,versitygw,minio] [--faces=cli,action,gulp] NAME=FOLDER …`.
// Needs `npm run build`. Prints a table; ends with 1 if an object has other headers than a first deploy gives it, if one was uploaded again that the
// server could have copied, or if a further run changes anything.
import {
  CreateBucketCommand,
  GetObjectAclCommand,
  PutObjectCommand,
  S3Client,
  type S3ServiceException,
} from '@aws-sdk/client-s3';
import type { Endpoint } from 'fake-s3';
import { action, inputsFor } from '../faces/action-process.js';
import { accountOf, cli } from '../faces/cli-process.js';
import { GULP_5 } from '../gulp/gulp-versions.js';
import { environment, makeProject, node } from '../gulp/project.js';
import { makeTree } from '../support/tree.js';
import { chosen, filesIn, onServer, type SeenObject, type Store, storeOf } from './real-servers.js';

type Rule = Readonly<Record<string, unknown>>;

/** What all faces report of a run. */
interface Ran {
  readonly code: number | null;
  /** What it printed. */
  readonly output: string;
  readonly seconds: number;
  readonly metadata: number;
  readonly puts: number;
  readonly requests: Readonly<Record<string, number | undefined>>;
  readonly warnings: readonly string[];
}

/** Deploys a folder with the preset and these rules. */
type Deploy = (endpoint: Endpoint, folder: string, bucket: string, rules: readonly Rule[]) => Promise<Ran>;

interface Site {
  readonly name: string;
  readonly folder: string;
}

const cleanups: (() => void)[] = [];
const t = { after: (run: () => void): void => void cleanups.push(run) };

/** The report of a run, as JSON of the command line and of the Action has it. */
interface JsonReport {
  readonly counts: Readonly<Record<'put' | 'metadata', number>>;
  readonly seconds: number;
  readonly requests: Ran['requests'];
  readonly warnings: readonly string[];
}

function ranOf(code: number | null, output: string, report: JsonReport | undefined): Ran {
  if (report === undefined) throw new Error(`A run ended with ${code} and without a report:\n${output}`);
  const { counts, seconds, requests, warnings } = report;
  return { code, output, seconds, metadata: counts.metadata, puts: counts.put, requests, warnings };
}

const byCli: Deploy = async (endpoint, folder, bucket, rules) => {
  const cwd = makeTree(t, { 'rules.json': JSON.stringify(rules) });
  const options = ['--preset', 'site', '--order', 'site', '--max-update', '100%', '--no-warn-source-maps'];
  const argv = [
    '--endpoint-url',
    endpoint.url,
    '--json',
    ...options,
    '--rules',
    'rules.json',
    folder,
    `s3://${bucket}/`,
  ];
  const { code, stderr, lines } = await cli(argv, { cwd, env: accountOf(endpoint), ownProcess: true });
  const last = lines.at(-1) ?? '';
  return ranOf(code, stderr, last.includes('"counts"') ? JSON.parse(last) : undefined);
};

const byAction: Deploy = async (endpoint, folder, bucket, rules) => {
  const options = { preset: 'site', order: 'site', 'max-update': '100%', 'warn-source-maps': 'false' };
  const inputs = { source: '.', bucket: `s3://${bucket}/`, ...options, rules: JSON.stringify(rules) };
  const { code, log, report } = await action(t, { ...inputsFor(endpoint), ...inputs }, { workspace: folder });
  return ranOf(code, log, report as JsonReport | undefined);
};

const GULPFILE = `const gulp = require('gulp');
const s3Put = require('gulp-s3-parallel-put');

exports.default = () => {
  const { SITE: cwd, BUCKET: bucket, RULES, S3_URL: endpointUrl } = process.env;
  const report = { counts: { put: 0, metadata: 0 }, seconds: 0, requests: {}, warnings: [] };
  const onEvent = (event) => {
    if (event.type === 'request') report.requests[event.verb] = (report.requests[event.verb] ?? 0) + 1;
    if (event.type === 'warning') report.warnings.push(event.message);
  };
  const site = { preset: 'site', order: 'site', maxUpdate: '100%', warnSourceMaps: false, rules: JSON.parse(RULES) };
  const start = performance.now();
  return gulp
    .src('**', { cwd, read: false, dot: true })
    .pipe(s3Put({ bucket, endpointUrl, onEvent, ...site }))
    .on('data', ({ s3 }) => {
      if (s3?.state === 'metadata') report.counts.metadata += 1;
      if (s3?.state === 'create' || s3?.state === 'update') report.counts.put += 1;
    })
    .on('end', () => {
      report.seconds = (performance.now() - start) / 1000;
      console.log('REPORT ' + JSON.stringify(report));
    });
};
`;
const project = makeProject(t, { 'gulpfile.cjs': GULPFILE });

/** The preset does not search a stream for the names that pages give, so a rule says what the preset finds elsewhere. */
const GULP_RULES: readonly Rule[] = [
  { match: 'assets/**/*[-.]????????.*', cacheControl: 'public, max-age=31536000, immutable', optional: true },
];

const byGulp: Deploy = async (endpoint, folder, bucket, rules) => {
  const env = { SITE: folder, BUCKET: `s3://${bucket}`, RULES: JSON.stringify([...GULP_RULES, ...rules]) };
  const args = [GULP_5.cli, '--gulpfile', 'gulpfile.cjs'];
  const { code, output } = await node(project, args, { ...environment(endpoint), ...env });
  const [, report] = /^REPORT (.*)$/m.exec(output) ?? [];
  return ranOf(code, output, report === undefined ? undefined : JSON.parse(report));
};

const FACES = { cli: byCli, action: byAction, gulp: byGulp } as const;
const FACE_NAMES = ['cli', 'action', 'gulp'] as const;

/** A header that only the first deploy gives, which all others keep. */
const UNMANAGED = 'x-amz-meta-owner';
const FIRST: readonly Rule[] = [{ match: '**', headers: { 'x-amz-meta-owner': 'web' } }];

const DOWNLOADS = '**/*.{pdf,png,txt,map}';
const OTHER: readonly Rule[] = [
  { match: '**', cacheControl: 'no-cache', contentLanguage: 'en', headers: { 'x-amz-meta-build': '42' } },
  { match: '**', expires: '2031-02-03T04:05:06Z' },
  { match: DOWNLOADS, contentDisposition: 'attachment', optional: true },
  { match: '**/*.txt', contentType: 'text/plain; charset=us-ascii', optional: true },
];
/** The preset alone: what the other rules gave is removed. */
const BACK: readonly Rule[] = [
  { match: '**', contentLanguage: '', expires: '', headers: { 'x-amz-meta-build': '' } },
  { match: DOWNLOADS, contentDisposition: '', optional: true },
];
/** The same for a server that cannot remove content headers. */
const BACK_TO_VALUES: readonly Rule[] = [
  { match: '**', contentLanguage: 'de', expires: '2030-01-01T00:00:00Z', headers: { 'x-amz-meta-build': '' } },
  { match: DOWNLOADS, contentDisposition: 'inline', optional: true },
];
/** Those of them that a put or a copy leaves as they are where it gives no value: the posix backend of versitygw. */
const CANNOT_REMOVE: Readonly<Record<string, RegExp>> = {
  versitygw: /^(?:content-language|content-disposition|expires)$/,
};

interface Step {
  readonly name: string;
  readonly rules: readonly Rule[];
  /** Of the files. */
  readonly change: 'uploaded' | 'headers' | 'nothing';
  /** Headers that the server keeps although the step removes them. */
  readonly stays?: RegExp | undefined;
}

function stepsOn(server: string): readonly Step[] {
  const stays = CANNOT_REMOVE[server];
  const back = stays === undefined ? BACK : BACK_TO_VALUES;
  const removed: readonly Step[] = [
    { name: 'other once more', rules: OTHER, change: 'headers' },
    { name: 'back, removing', rules: BACK, change: 'headers', stays },
  ];
  return [
    { name: 'first', rules: FIRST, change: 'uploaded' },
    { name: 'other', rules: OTHER, change: 'headers' },
    { name: 'other again', rules: OTHER, change: 'nothing' },
    { name: 'back', rules: back, change: 'headers' },
    { name: 'back again', rules: back, change: 'nothing' },
    ...(stays === undefined ? [] : removed),
  ];
}

async function objectsIn(store: Store): Promise<ReadonlyMap<string, SeenObject>> {
  const seen = new Map<string, SeenObject>();
  const keys = await store.keys();
  const heads = async (): Promise<void> => {
    for (let key = keys.pop(); key !== undefined; key = keys.pop()) seen.set(key, await store.head(key));
  };
  await Promise.all(Array.from({ length: 16 }, heads));
  return seen;
}

/** What is not as a first deploy would have it. */
function differences(
  seen: ReadonlyMap<string, SeenObject>,
  expected: ReadonlyMap<string, SeenObject>,
  { stays }: Pick<Step, 'stays'>,
): readonly string[] {
  const missing = [...expected.keys()].filter((key) => !seen.has(key)).map((key) => `${key} is missing`);
  const wrong = [...seen].flatMap(([key, { etag, headers }]) => {
    const like = expected.get(key);
    if (like === undefined) return [`${key} is not in a first deploy`];
    const { [UNMANAGED]: owner, ...managed } = headers;
    const { [UNMANAGED]: _, ...wanted } = like.headers;
    const names = [...new Set([...Object.keys(managed), ...Object.keys(wanted)])].filter(
      (name) => managed[name] !== wanted[name] && !(stays?.test(name) === true && wanted[name] === undefined),
    );
    return [
      ...(etag === like.etag ? [] : [`${key} has the ETag ${etag} instead of ${like.etag}`]),
      ...(owner === 'web' ? [] : [`${key} has lost its ${UNMANAGED}`]),
      ...names.map((name) => `${key} has the ${name} ${managed[name]} instead of ${wanted[name]}`),
    ];
  });
  return [...missing, ...wrong];
}

/** Uploads by which a run may find out what its server cannot remove: one for each such header. */
const TRIALS = 3;

/** What a run did that it should not have done. */
function missteps(
  { change, stays }: Step,
  { code, output, metadata, puts, requests }: Ran,
  files: number,
): readonly string[] {
  const { PutObject = 0, CreateMultipartUpload = 0, CopyObject = 0 } = requests;
  const trials = stays === undefined ? 0 : TRIALS;
  const uploads = change === 'uploaded' ? files : 0;
  const set = change === 'headers' ? files - puts : 0;
  return [
    ...(code === 0 ? [] : [`exit code ${code}: ${output.trim().split('\n').slice(-5).join(' / ')}`]),
    ...(puts >= uploads && puts <= uploads + trials ? [] : [`${puts} files were uploaded`]),
    ...(PutObject + CreateMultipartUpload <= uploads + trials ? [] : [`${PutObject} PutObject`]),
    ...(metadata === set ? [] : [`${metadata} files got new headers, not ${set}`]),
    ...(change !== 'headers' && CopyObject > 0 ? [`${CopyObject} CopyObject`] : []),
  ];
}

async function roll(server: string, endpoint: Endpoint, face: keyof typeof FACES, { name, folder }: Site) {
  const deploy = FACES[face];
  const bucketOf = async (purpose: string) => {
    const bucket = `${name}-${face}-${purpose}`;
    const store = storeOf(endpoint, bucket);
    await store.create();
    return { bucket, store };
  };
  /** What these rules give on a first deploy. */
  const firsts = new Map<readonly Rule[], ReadonlyMap<string, SeenObject>>();
  async function firstDeploy(rules: readonly Rule[]): Promise<ReadonlyMap<string, SeenObject>> {
    const known = firsts.get(rules);
    if (known !== undefined) return known;
    const { bucket, store } = await bucketOf(`first-${firsts.size}`);
    const { code, output } = await deploy(endpoint, folder, bucket, rules);
    if (code !== 0) throw new Error(`A first deploy ended with ${code}:\n${output}`);
    const seen = await objectsIn(store).finally(store.close);
    firsts.set(rules, seen);
    return seen;
  }
  const { bucket, store } = await bucketOf('rolled');
  const files = filesIn(folder).length;
  for (const step of stepsOn(server)) {
    const ran = await deploy(endpoint, folder, bucket, step.rules);
    const wrong = [
      ...missteps(step, ran, files),
      ...differences(await objectsIn(store), await firstDeploy(step.rules), step),
    ];
    const { PutObject = 0, HeadObject = 0, CopyObject = 0, GetObjectAcl = 0 } = ran.requests;
    console.log(
      `| ${server} | ${face} | ${name} | ${files} | ${step.name} | ${ran.seconds.toFixed(1)} | ${ran.metadata} | ${ran.puts} | ${PutObject} | ${HeadObject} | ${CopyObject} | ${GetObjectAcl} | ${wrong.length} | ${ran.warnings.length} |`,
    );
    for (const one of wrong.slice(0, 10)) console.log(`  WRONG ${one}`);
    for (const warning of ran.warnings) console.log(`  warning: ${warning}`);
    if (wrong.length > 0) process.exitCode = 1;
  }
  store.close();
}

/** What the server answers to who asks for the ACL of an object. */
async function aclAnswer({ url, region, ...credentials }: Endpoint): Promise<string> {
  const client = new S3Client({ endpoint: url, region, forcePathStyle: true, credentials });
  const object = { Bucket: 'acls', Key: 'key' };
  await client.send(new CreateBucketCommand({ Bucket: object.Bucket }));
  await client.send(new PutObjectCommand({ ...object, Body: 'x' }));
  return client
    .send(new GetObjectAclCommand(object))
    .then(
      ({ Grants = [] }) => `${Grants.length} grant${Grants.length === 1 ? '' : 's'}`,
      ({ name, $metadata }: S3ServiceException) => `${$metadata.httpStatusCode} ${name}`,
    )
    .finally(() => client.destroy());
}

const words = process.argv.slice(2);
const faces = chosen(words, 'faces', FACE_NAMES);
const sites = words.flatMap((word): Site[] => {
  const [, name = '', folder = ''] = /^([a-z][a-z-]*)=(.+)$/.exec(word) ?? [];
  return name === '' ? [] : [{ name, folder }];
});
if (sites.length === 0) throw new Error('Name sites as NAME=FOLDER.');
console.log(
  '| server | face | site | files | step | seconds | metadata | puts | PutObject | HEADs | CopyObject | GetObjectAcl | wrong | warnings |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|---|',
);
try {
  for (const server of chosen(words, 'servers', ['embedded', 'versitygw', 'minio']))
    await onServer(server, async (endpoint) => {
      console.log(`  ${server} answers ${await aclAnswer(endpoint)} to a request for an ACL`);
      for (const face of faces) for (const site of sites) await roll(server, endpoint, face, site);
    });
} finally {
  for (const cleanup of cleanups) cleanup();
}
