import { writeFileSync } from 'node:fs';
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
  readonly install: {
    readonly with: 'go' | 'mvn' | 'cargo';
    readonly what: string;
    readonly takes: string;
    /** Go: what the program's own go.mod replaces, which `go install` does not accept. */
    readonly replace?: string;
  };
  /** The credentials that it accepts, where they are not `KEYS`. */
  readonly keys?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** A command to run once it responds. */
  readonly afterStart?: (place: Place) => readonly [string, ...string[]];
  /** Command line and environment that start it; `folder` is empty, `ports` are free. */
  readonly command: (place: Place) => { readonly command: readonly [string, ...string[]]; readonly env: Env };
}

export interface Place {
  /** Path of the program. */
  readonly program: string;
  readonly folder: (name: string) => string;
  readonly ports: Ports;
}

/** More than any server needs. */
export type Ports = readonly [number, number, number, number, number, number, number, number];

type Env = Readonly<Record<string, string>>;

/** The credentials that the servers accept. */
export const KEYS = { accessKeyId: 's3pp-access', secretAccessKey: 's3pp-secret-key' } as const;

/** Garage takes keys of this form only. */
const GARAGE_KEYS = { accessKeyId: `GK${'0'.repeat(24)}`, secretAccessKey: 'b'.repeat(64) } as const;

/** The suites must pass on the first two; the others are started only by name. */
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
  {
    name: 'seaweedfs',
    version: 'v0.0.0-20261109003541-7506e5f91cd6',
    file: 'weed-v0.0.0-20261109003541-7506e5f91cd6',
    install: {
      with: 'go',
      what: 'github.com/seaweedfs/seaweedfs/weed@v0.0.0-20261109003541-7506e5f91cd6',
      takes: '6 minutes',
      replace: 'github.com/tyler-smith/go-bip39 => github.com/cosmos/go-bip39 v1.0.0',
    },
    command: ({ program, folder, ports: [port, master, volume, filer, grpc1, grpc2, grpc3, grpc4] }) => ({
      command: [
        program,
        'server',
        `-dir=${folder('data')}`,
        '-ip=127.0.0.1',
        '-ip.bind=127.0.0.1',
        '-master.volumeSizeLimitMB=64',
        '-volume.max=0',
        `-master.port=${master}`,
        `-master.port.grpc=${grpc1}`,
        `-volume.port=${volume}`,
        `-volume.port.grpc=${grpc2}`,
        '-filer',
        `-filer.port=${filer}`,
        `-filer.port.grpc=${grpc3}`,
        '-s3',
        `-s3.port=${port}`,
        `-s3.port.grpc=${grpc4}`,
        '-s3.port.iceberg=0',
        '-s3.port.lance=0',
      ],
      env: { AWS_ACCESS_KEY_ID: KEYS.accessKeyId, AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey },
    }),
  },
  {
    name: 'garage',
    version: '2.5.0',
    file: 'garage-2.5.0',
    install: { with: 'cargo', what: 'garage@2.5.0', takes: '15 minutes' },
    keys: GARAGE_KEYS,
    command: ({ program, folder, ports: [port, rpc] }) => {
      const config = join(folder('config'), 'garage.toml');
      writeFileSync(
        config,
        [
          `metadata_dir = "${folder('meta')}"`,
          `data_dir = "${folder('data')}"`,
          'db_engine = "sqlite"',
          'replication_factor = 1',
          `rpc_bind_addr = "127.0.0.1:${rpc}"`,
          `rpc_public_addr = "127.0.0.1:${rpc}"`,
          `rpc_secret = "${'a'.repeat(64)}"`,
          '[s3_api]',
          's3_region = "us-east-1"',
          `api_bind_addr = "127.0.0.1:${port}"`,
          '',
        ].join('\n'),
      );
      return {
        command: [program, '-c', config, 'server', '--single-node', '--default-access-key'],
        env: {
          GARAGE_DEFAULT_ACCESS_KEY: GARAGE_KEYS.accessKeyId,
          GARAGE_DEFAULT_SECRET_KEY: GARAGE_KEYS.secretAccessKey,
        },
      };
    },
    // Its default key may not create buckets.
    afterStart: ({ program, folder }) => [
      program,
      '-c',
      join(folder('config'), 'garage.toml'),
      'key',
      'allow',
      '--create-bucket',
      GARAGE_KEYS.accessKeyId,
    ],
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
