import { VERBS } from '../model/verbs.js';
import type { Verb } from '../report/types.js';
import type { Body, Bucket } from './bucket.js';

/** One request, as whatever is put around it needs to know it. */
export interface AroundCall {
  readonly verb: Verb;
  readonly key: string | undefined;
  readonly signal: AbortSignal;
  /** What it sends, where that is bytes of an object. */
  readonly body: Body | undefined;
  /** It takes no slot. */
  readonly unlimited: boolean;
}

/** Runs one request within whatever a wrapper does about requests. */
export type Around = <T>(call: AroundCall, send: () => Promise<T>) => Promise<T>;

/** The methods of a bucket that make a request. */
type Method = Exclude<keyof Bucket, 'name' | 'facts' | 'close'>;

/** How a wrapper finds in a call what it needs. */
interface Row<First> {
  readonly verb: Verb;
  /** Which argument is the signal. */
  readonly signalAt: 1 | 2;
  readonly keyOf: (first: First) => string | undefined;
  readonly bodyOf?: (first: First) => Body;
}

const keyed = ({ key }: { readonly key: string }): string => key;
const itself = (key: string): string => key;
const keyless = (): undefined => undefined;

const METHODS: { readonly [M in Method]: Row<Parameters<Bucket[M]>[0]> } = {
  putObject: { verb: 'PutObject', signalAt: 1, keyOf: keyed, bodyOf: ({ body }) => body },
  headObject: { verb: 'HeadObject', signalAt: 1, keyOf: itself },
  listObjects: { verb: 'ListObjectsV2', signalAt: 1, keyOf: keyless },
  createUpload: { verb: 'CreateMultipartUpload', signalAt: 2, keyOf: itself },
  putPart: { verb: 'UploadPart', signalAt: 1, keyOf: keyed, bodyOf: ({ body }) => body },
  completeUpload: { verb: 'CompleteMultipartUpload', signalAt: 1, keyOf: keyed },
  abortUpload: { verb: 'AbortMultipartUpload', signalAt: 1, keyOf: keyed },
  listParts: { verb: 'ListParts', signalAt: 2, keyOf: keyed },
  listUploads: { verb: 'ListMultipartUploads', signalAt: 2, keyOf: keyless },
  copyObject: { verb: 'CopyObject', signalAt: 1, keyOf: keyed },
  copyPart: { verb: 'UploadPartCopy', signalAt: 1, keyOf: keyed },
  getObject: { verb: 'GetObject', signalAt: 2, keyOf: keyed },
  objectTags: { verb: 'GetObjectTagging', signalAt: 1, keyOf: keyed },
  objectGrants: { verb: 'GetObjectAcl', signalAt: 1, keyOf: keyed },
};

/** A bucket whose every request is made within the same. */
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
  const send = bucket[method] as (...given: Arguments) => Promise<unknown>;
  const inside = (...given: Arguments): Promise<unknown> =>
    around(
      {
        verb,
        key: keyOf(given[0]),
        signal: given[signalAt] as AbortSignal,
        body: bodyOf?.(given[0]),
        unlimited,
      },
      () => send.apply(bucket, given),
    );
  return inside as Bucket[M];
}
