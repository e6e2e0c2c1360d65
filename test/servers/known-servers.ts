import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** A server program that `run.ts` can install and start. */
export interface KnownServer {
  readonly name: string;
  /** Pinned: the table of expectations holds for it. */
  readonly version: string;
  /** Name of the program's file in the cache. */
  readonly file: string;
  /** How it is got, and how long that takes. */
  readonly install: { readonly with: 'go' | 'mvn'; readonly what: string; readonly takes: string };
  /** Command line and environment that start it; `folder` is empty, `ports` are free. */
  readonly command: (place: Place) => { readonly command: readonly [string, ...string[]]; readonly env: Env };
}

interface Place {
  /** Path of the program. */
  readonly program: string;
  readonly folder: (name: string) => string;
  readonly ports: readonly [number, number];
}

type Env = Readonly<Record<string, string>>;

/** The credentials that the servers accept. */
export const KEYS = { accessKeyId: 's3pp-access', secretAccessKey: 's3pp-secret-key' } as const;

/** The suites must pass on the first two; the third is started only by name. */
export const KNOWN_SERVERS: readonly KnownServer[] = [
  {
    name: 'versitygw',
    version: 'v1.8.0',
    file: 'versitygw-v1.8.0',
    install: { with: 'go', what: 'github.com/versity/versitygw/cmd/versitygw@v1.8.0', takes: '2 minutes' },
    command: ({ program, folder, ports: [port] }) => ({
      // The path of the sidecar folder must not begin with that of the data.
      command: [
        program,
        '--port',
        `127.0.0.1:${port}`,
        '--quiet',
        'posix',
        '--sidecar',
        folder('sidecar'),
        folder('data'),
      ],
      env: { ROOT_ACCESS_KEY: KEYS.accessKeyId, ROOT_SECRET_KEY: KEYS.secretAccessKey },
    }),
  },
  {
    name: 'minio',
    version: 'v0.0.0-20260212201848-7aac2a2c5b7c',
    file: 'minio-v0.0.0-20260212201848-7aac2a2c5b7c',
    install: {
      with: 'go',
      what: 'github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c',
      takes: '4 minutes',
    },
    command: ({ program, folder, ports: [port, console] }) => ({
      command: [
        program,
        'server',
        '--address',
        `127.0.0.1:${port}`,
        '--console-address',
        `127.0.0.1:${console}`,
        folder('data'),
      ],
      env: {
        MINIO_ROOT_USER: KEYS.accessKeyId,
        MINIO_ROOT_PASSWORD: KEYS.secretAccessKey,
        MINIO_BROWSER: 'off',
        MINIO_UPDATE: 'off',
      },
    }),
  },
  {
    name: 's3mock',
    version: '4.7.0',
    file: 's3mock-4.7.0-exec.jar',
    install: { with: 'mvn', what: 'com.adobe.testing:s3mock:4.7.0:jar:exec', takes: '1 minute' },
    command: ({ program, folder, ports: [port] }) => ({
      command: [
        'java',
        '-Xmx512m',
        `-Djava.io.tmpdir=${folder('tmp')}`,
        '-jar',
        program,
        '--server.port=0',
        `--com.adobe.testing.s3mock.http-port=${port}`,
      ],
      env: {},
    }),
  },
];

/** The servers that are started by default. */
export const USUAL: readonly string[] = ['versitygw', 'minio'];

/** Where programs are kept, outside of the repository: `S3PP_SERVERS_CACHE`, or below the user's cache. */
export function cacheFolder(): string {
  const { S3PP_SERVERS_CACHE: own, XDG_CACHE_HOME: caches } = process.env;
  if (own !== undefined && own !== '') return resolve(own);
  return join(caches !== undefined && caches !== '' ? caches : join(homedir(), '.cache'), 's3-parallel-put', 'servers');
}
