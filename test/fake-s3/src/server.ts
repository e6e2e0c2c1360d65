import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { SecureVersion } from 'node:tls';
import { type CredentialLimits, Credentials, type S3Credentials } from './credentials.js';
import { type Fault, type FaultHandle, Faults } from './fault.js';
import type { S3Mode } from './mode.js';
import { type RecordedRequest, Recorder } from './record.js';
import { type Serving, serve } from './serve.js';
import { compareUtf8 } from './store/key-order.js';
import { type SeedOptions, seededObject } from './store/seed.js';
import { type SeedManyOptions, seedMany } from './store/seed-many.js';
import { Store, type StoredObject } from './store/store.js';
import { type UploadAccess, uploadAccess } from './store/upload-access.js';
import type { Verb } from './verb.js';

export interface S3ServerOptions {
  /** Default: any free one. */
  readonly port?: number;
  /** Default: a fixed test key without a session token. */
  readonly credentials?: S3Credentials;
  /** Buckets that are there from the start, with their modes; default none. */
  readonly buckets?: readonly string[] | Readonly<Record<string, Partial<S3Mode>>>;
  /** Mode of the server: the defaults of its buckets' modes. */
  readonly mode?: Partial<S3Mode>;
  /** Bytes; default 5 GiB, as S3's for one put. */
  readonly maxObjectSize?: number;
  /** Drop bodies, of parts too, and keep only sizes, ETags, checksums and headers: for runs larger than memory; GET is then 500. */
  readonly dropBodies?: boolean;
  /** Milliseconds until an idle connection is closed; default 20,000. */
  readonly idleTimeout?: number;
  /** Serve https with this certificate. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly maxVersion?: SecureVersion };
}

export interface S3Server extends UploadAccess {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  /** The requests so far, in the order in which their heads arrived. */
  readonly requests: readonly RecordedRequest[];
  /** Requests without a response that their clients have not aborted. */
  readonly open: number;
  /** Most requests that were open at once. */
  readonly peak: number;
  /** Requests of one verb since the start, or the last clear. */
  count(verb: Verb): number;
  clearRequests(): void;
  /** Creates an empty bucket. */
  createBucket(name: string, mode?: Partial<S3Mode>): void;
  /** Puts an object without a request; creates the bucket if it is missing. */
  seed(bucket: string, key: string, body: Buffer | string, options?: SeedOptions): void;
  /** Puts many objects without bytes, for listings of a million; quickest when the keys come in order of UTF-8 bytes. */
  seedMany(bucket: string, count: number, keyOf: (index: number) => string, options?: SeedManyOptions): void;
  object(bucket: string, key: string): StoredObject | undefined;
  /** All keys in order of UTF-8 bytes. Throws when there is no such bucket. */
  keys(bucket: string): string[];
  /** Region of a bucket. */
  regionOf(bucket: string): string;
  /** Changes the mode of one bucket, or of the server. */
  mode(mode: Partial<S3Mode>, bucket?: string): void;
  /** With `buckets` the key may use only these: 403 AccessDenied for all others, also as sources of copies. */
  addCredentials(credentials: S3Credentials, limits?: CredentialLimits): void;
  /** From now on, requests with this key get 400 ExpiredToken. */
  expireCredentials(accessKeyId: string): void;
  fault(fault: Fault): FaultHandle;
  clearFaults(): void;
  /** Ends every connection, stalled ones too. */
  close(): Promise<void>;
}

const TEST_CREDENTIALS: S3Credentials = { accessKeyId: 'test-access-key', secretAccessKey: 'test-secret-key' };

/** Starts an S3 server in this process, on a free port of 127.0.0.1. */
export async function startS3Server(options: S3ServerOptions = {}): Promise<S3Server> {
  const given = options.credentials ?? TEST_CREDENTIALS;
  const store = new Store(options.mode ?? {});
  const buckets = options.buckets ?? [];
  for (const [name, mode] of Array.isArray(buckets) ? buckets.map((n) => [n, {}]) : Object.entries(buckets)) {
    store.create(name, mode);
  }
  const credentials = new Credentials();
  credentials.add(given);
  const faults = new Faults();
  const recorder = new Recorder();
  const { maxObjectSize = 5 * 1024 ** 3, dropBodies = false } = options;
  const serving: Serving = { store, credentials, faults, recorder, maxObjectSize, dropBodies };
  const http = listener(serving, options);
  const sockets = new Set<Socket>();
  http.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = http.address() as AddressInfo;

  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    accessKeyId: given.accessKeyId,
    secretAccessKey: given.secretAccessKey,
    region: store.modeOf('').region,
    requests: recorder.requests,
    get open(): number {
      return recorder.open;
    },
    get peak(): number {
      return recorder.peak;
    },
    count: (verb) => recorder.count(verb),
    clearRequests: () => recorder.clear(),
    createBucket: (name, mode = {}) => void store.create(name, mode),
    seed(bucket, key, body, seedOptions = {}) {
      const target = store.buckets.get(bucket) ?? store.create(bucket, {});
      const mode = store.modeOf(bucket);
      target.set(key, seededObject(Buffer.from(body), seedOptions, mode), mode.versioning);
    },
    seedMany(bucket, count, keyOf, seedOptions = {}) {
      const target = store.buckets.get(bucket) ?? store.create(bucket, {});
      seedMany(target, store.modeOf(bucket), count, keyOf, seedOptions);
    },
    object: (bucket, key) => store.buckets.get(bucket)?.get(key),
    keys(bucket) {
      const found = store.buckets.get(bucket);
      if (found === undefined) throw new Error(`No bucket ${bucket}`);
      return [...found.keys('utf8').sorted].sort(compareUtf8);
    },
    regionOf: (bucket) => store.modeOf(bucket).region,
    ...uploadAccess(store),
    mode: (mode, bucket) => store.switchMode(mode, bucket),
    addCredentials: (more, limits) => credentials.add(more, limits),
    expireCredentials: (accessKeyId) => credentials.expire(accessKeyId),
    fault: (fault) => faults.add(fault),
    clearFaults: () => faults.clear(),
    close: () =>
      new Promise((resolve) => {
        faults.clear();
        http.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function listener(serving: Serving, options: S3ServerOptions): Server {
  const settings = { keepAliveTimeout: options.idleTimeout ?? 20_000, requestTimeout: 0, headersTimeout: 0 };
  const onRequest: RequestListener = (request, response) => void serve(request, response, serving, false);
  const http =
    options.tls === undefined
      ? createServer(settings, onRequest)
      : createTlsServer({ ...settings, ...options.tls }, onRequest);
  http.on('checkContinue', (request, response) => void serve(request, response, serving, true));
  return http;
}
