import type { Verb } from '../model/verbs.js';
import { VERBS } from '../model/verbs.js';
import type { Body, Bucket } from './bucket.js';

/** One request, as a wrapper sees it. */
export interface AroundCall {
  readonly verb: Verb;
  readonly key: string | undefined;
  readonly signal: AbortSignal;
  /** The bytes of an object that it sends, if any. */
  readonly body: Body | undefined;
  /** Whether it takes no slot of the limiter. */
  readonly unlimited: boolean;
}

/** Sends one request, under another signal than the call's where one is given. */
export type SendCall<T> = (signal?: AbortSignal) => Promise<T>;

/** What a wrapper does around one request; `send` sends it. */
export type Around = <T>(call: AroundCall, send: SendCall<T>) => Promise<T>;

/** The methods of a bucket that make a request. */
type Method = Exclude<keyof Bucket, 'name' | 'facts' | 'close'>;

/** How the parts of an `AroundCall` are found in a method's arguments. */
interface Row<First> {
  readonly verb: Verb;
  /** Index of the signal among the arguments. */
  readonly signalAt: 1 | 2;
  readonly keyOf: (first: First) => string | undefined;
  readonly bodyOf?: (first: First) => Body;
}

const keyOfRequest = ({ key }: { readonly key: string }): string => key;
const sameKey = (key: string): string => key;
const noKey = (): undefined => undefined;

const METHODS: { readonly [M in Method]: Row<Parameters<Bucket[M]>[0]> } = {
  putObject: { verb: 'PutObject', signalAt: 1, keyOf: keyOfRequest, bodyOf: ({ body }) => body },
  headObject: { verb: 'HeadObject', signalAt: 1, keyOf: sameKey },
  listObjects: { verb: 'ListObjectsV2', signalAt: 1, keyOf: noKey },
  createUpload: { verb: 'CreateMultipartUpload', signalAt: 2, keyOf: sameKey },
  putPart: { verb: 'UploadPart', signalAt: 1, keyOf: keyOfRequest, bodyOf: ({ body }) => body },
  completeUpload: { verb: 'CompleteMultipartUpload', signalAt: 1, keyOf: keyOfRequest },
  abortUpload: { verb: 'AbortMultipartUpload', signalAt: 1, keyOf: keyOfRequest },
  listParts: { verb: 'ListParts', signalAt: 2, keyOf: keyOfRequest },
  listUploads: { verb: 'ListMultipartUploads', signalAt: 2, keyOf: noKey },
  listVersions: { verb: 'ListObjectVersions', signalAt: 2, keyOf: noKey },
  copyObject: { verb: 'CopyObject', signalAt: 1, keyOf: keyOfRequest },
  copyPart: { verb: 'UploadPartCopy', signalAt: 1, keyOf: keyOfRequest },
  getObject: { verb: 'GetObject', signalAt: 2, keyOf: keyOfRequest },
  deleteObjects: { verb: 'DeleteObjects', signalAt: 1, keyOf: noKey },
  deleteObject: { verb: 'DeleteObject', signalAt: 1, keyOf: keyOfRequest },
  putObjectTags: { verb: 'PutObjectTagging', signalAt: 2, keyOf: sameKey },
  objectTags: { verb: 'GetObjectTagging', signalAt: 1, keyOf: keyOfRequest },
  listAnnotations: { verb: 'ListObjectAnnotations', signalAt: 2, keyOf: keyOfRequest },
  getAnnotation: { verb: 'GetObjectAnnotation', signalAt: 1, keyOf: keyOfRequest },
  putAnnotation: { verb: 'PutObjectAnnotation', signalAt: 1, keyOf: keyOfRequest },
  objectAcl: { verb: 'GetObjectAcl', signalAt: 1, keyOf: keyOfRequest },
};

/** A bucket that sends every request within `around`. */
export function wrap(bucket: Bucket, around: Around): Bucket {
  const wrapped = Object.fromEntries(
    Object.keys(METHODS).map((method) => [method, wrapMethod(bucket, method as Method, around)]),
  );
  return { ...bucket, ...(wrapped as Pick<Bucket, Method>) };
}

function wrapMethod<M extends Method>(bucket: Bucket, method: M, around: Around): Bucket[M] {
  type Arguments = Parameters<Bucket[M]>;
  const { verb, signalAt, keyOf, bodyOf }: Row<Arguments[0]> = METHODS[method];
  const unlimited = VERBS[verb].unlimited === true;
  const send = bucket[method] as (...args: Arguments) => Promise<unknown>;
  const inside = (...args: Arguments): Promise<unknown> =>
    around(
      {
        verb,
        key: keyOf(args[0]),
        signal: args[signalAt] as AbortSignal,
        body: bodyOf?.(args[0]),
        unlimited,
      },
      (signal) => send.apply(bucket, signal === undefined ? args : withSignal(args, signalAt, signal)),
    );
  return inside as Bucket[M];
}

function withSignal<Arguments extends readonly unknown[]>(args: Arguments, at: number, signal: AbortSignal): Arguments {
  const changed: unknown[] = [...args];
  changed[at] = signal;
  return changed as unknown as Arguments;
}
