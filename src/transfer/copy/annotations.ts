import { S3RequestError, SourceError } from '../../errors.js';
import type { AnnotationChoice } from '../../options/types.js';
import { msg, type Text } from '../../report/message.js';
import { Limiter } from '../../run/limiter.js';
import type { Bucket } from '../../s3/bucket.js';
import type { CopyEntry } from '../../source/bucket.js';
import { inParallel } from '../body/hash.js';

/**
 * Keeps the annotations of objects that are copied in parts or relayed: S3 copies them itself only by CopyObject.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/annotations-overview.html
 */
export interface Annotations {
  /** Headers of a CopyObject. */
  ofCopy(): Readonly<Record<string, string>>;
  /**
   * The names of a source's annotations that the copy must get. Throws `SourceError` for an object with annotations that may not have them.
   * @param byServer S3 copies them itself
   */
  find(entry: CopyEntry, byServer: boolean): Promise<readonly string[]>;
  /** Writes them to the copy. Throws `S3RequestError` with a hint that says what the copy lacks. @param etag of the copy */
  write(entry: CopyEntry, names: readonly string[], etag: string | undefined): Promise<void>;
}

export interface AnnotationsContext {
  readonly source: Bucket;
  readonly dest: Bucket;
  readonly annotations: AnnotationChoice;
  readonly signal: AbortSignal;
  readonly stop: AbortSignal;
  readonly warn: (code: string, message: Text) => void;
}

/** Annotations of the run that are in memory at once, each of at most 1 MiB. */
const AT_ONCE = 8;
const NONE: readonly string[] = [];

export function keepAnnotations(context: AnnotationsContext): Annotations {
  const { source, dest, annotations: choice, signal, stop, warn } = context;
  const turns = new Limiter(AT_ONCE, stop);
  /** The source has none, or does not list them. */
  let unlisted = false;

  async function names(entry: CopyEntry): Promise<readonly string[]> {
    const from = { key: entry.sourceKey, versionId: entry.versionId };
    const all = new Set<string>();
    let after: string | undefined;
    do {
      const page = await source.listAnnotations(from, after, signal);
      // A listing that repeats itself would never end.
      if (page.next !== undefined && page.names.every((name) => all.has(name))) throw repeated(source.name, entry);
      for (const name of page.names) all.add(name);
      after = page.next;
    } while (after !== undefined);
    return [...all];
  }

  async function found(entry: CopyEntry): Promise<readonly string[]> {
    try {
      return await names(entry);
    } catch (error) {
      if (!(error instanceof S3RequestError)) throw error;
      const { status = 0, code } = error;
      const unsupported = status === 501 || code === 'NotImplemented' || code === 'MethodNotAllowed';
      if (!unsupported && (code !== 'AccessDenied' || choice === 'error')) throw error;
      unlisted = true;
      if (!unsupported)
        warn(
          'annotations-denied',
          msg`Annotations cannot be listed (s3:ListObjectAnnotations on "${source.name}"), so objects that are copied in parts or relayed lose theirs, if they have any. {annotations: 'exclude'} does so without this warning.`,
        );
      return NONE;
    }
  }

  async function writeOne(entry: CopyEntry, name: string, etag: string | undefined): Promise<void> {
    const from = { key: entry.sourceKey, versionId: entry.versionId, name };
    try {
      const body = await source.getAnnotation(from, signal);
      await dest.putAnnotation({ key: entry.key, name, body, etag }, signal);
    } catch (error) {
      // It was deleted since it was listed.
      if (error instanceof S3RequestError && error.code === 'NoSuchAnnotation' && error.verb === 'GetObjectAnnotation')
        return;
      throw error;
    }
  }

  return {
    ofCopy: () =>
      choice === 'exclude' && dest.facts().annotations ? { 'x-amz-object-annotation-directive': 'EXCLUDE' } : {},

    async find(entry, byServer) {
      if (choice === 'exclude' || unlisted || !source.facts().annotations) return NONE;
      if (byServer && choice === 'copy') return NONE;
      const all = await found(entry);
      if (all.length === 0) return NONE;
      if (choice === 'error') throw annotated(entry, all, 'and the option says that such objects are errors');
      if (!dest.facts().annotations) throw annotated(entry, all, 'which the destination cannot hold');
      return all;
    },

    async write(entry, all, etag) {
      let written = 0;
      try {
        await inParallel(all.length, async (index) => {
          await turns.run(() => writeOne(entry, all[index] ?? '', etag));
          written += 1;
          return true;
        });
      } catch (error) {
        if (!(error instanceof S3RequestError)) throw error;
        const hint = msg`The copy is stored, but ${all.length - written} of its ${all.length} annotations are not (s3:GetObjectAnnotation on the source, s3:PutObjectAnnotation on the destination). Another run finds the same content and skips it: copy it again by {mode: 'stupid'}, or leave annotations out by {annotations: 'exclude'}.`;
        throw new S3RequestError(error.message, { ...error, hint, cause: error.cause });
      }
    },
  };
}

function repeated(bucket: string, { sourceKey: key }: CopyEntry): S3RequestError {
  const message = `ListObjectAnnotations s3://${bucket}/${key}: the pages repeat themselves`;
  return new S3RequestError(message, {
    code: 'MalformedAnswer',
    verb: 'ListObjectAnnotations',
    bucket,
    key,
    status: 200,
  });
}

function annotated({ origin }: CopyEntry, { length }: readonly string[], why: string): SourceError {
  const has = length === 1 ? 'an annotation' : `${length} annotations`;
  return new SourceError('Annotated', `${origin} has ${has}, ${why}`, {
    hint: msg`Copy without annotations by {annotations: 'exclude'}, or leave the object out by {exclude}.`,
  });
}

/** Annotations of an object that is replaced, which would be lost. */
export interface HeldAnnotations {
  /** Writes them to the new object. @param etag of it */
  write(etag: string | undefined): Promise<void>;
}

const NOTHING_HELD: HeldAnnotations = { write: async () => {} };

/** Reads the annotations of an object into memory, before it is replaced. Where they may not be read, the user is warned, and they are lost. */
export async function holdAnnotations(
  bucket: Bucket,
  key: string,
  { signal, warn }: Pick<AnnotationsContext, 'signal' | 'warn'>,
): Promise<HeldAnnotations> {
  if (!bucket.facts().annotations) return NOTHING_HELD;
  const held: { readonly name: string; readonly body: Buffer }[] = [];
  try {
    let after: string | undefined;
    do {
      const page = await bucket.listAnnotations({ key }, after, signal);
      for (const name of page.names) held.push({ name, body: await bucket.getAnnotation({ key, name }, signal) });
      after = page.next;
    } while (after !== undefined);
  } catch (error) {
    if (!(error instanceof S3RequestError) || (error.status ?? 500) >= 500) {
      if (!(error instanceof S3RequestError) || error.status !== 501) throw error;
    } else if (error.code === 'AccessDenied')
      warn(
        'annotations-lost',
        `Objects that are put again with other headers lose their annotations, if they have any: these may not be read (s3:ListObjectAnnotations and s3:GetObjectAnnotation on "${bucket.name}").`,
      );
    return NOTHING_HELD;
  }
  return {
    async write(etag) {
      for (const { name, body } of held) await bucket.putAnnotation({ key, name, body, etag }, signal);
    },
  };
}
