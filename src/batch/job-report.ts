import { urlDecoded } from '../s3/answers/listing.js';

/** What became of one object of a job. */
export interface JobTask {
  /** The source's. */
  readonly bucket: string;
  readonly key: string;
  readonly succeeded: boolean;
  /** S3's error code; empty where there is none. */
  readonly code: string;
  readonly message: string;
}

/** One file of a completion report. */
export interface ReportFile {
  readonly key: string;
  /** Lower-case hex; undefined where the manifest of the report names none. */
  readonly md5: string | undefined;
}

/** Where the fields of a record are. */
export interface ReportColumns {
  readonly bucket: number;
  readonly key: number;
  readonly status: number;
  /** Code and HTTP status, in either order. */
  readonly codes: readonly number[];
  readonly message: number;
}

/** What the manifest of a completion report says. */
export interface ReportManifest {
  readonly files: readonly ReportFile[];
  readonly columns: ReportColumns;
}

/** The schema of S3's documentation, which holds where a manifest names none. */
const SCHEMA = 'Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage';

/**
 * Reads the manifest of a completion report. Throws `SyntaxError` where it is no such manifest, or its schema lacks what is needed.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-examples-reports.html
 */
export function reportManifest(json: string): ReportManifest {
  const { Results, ReportSchema = SCHEMA } = JSON.parse(json) as Readonly<Record<string, unknown>>;
  if (!Array.isArray(Results)) throw new SyntaxError('it has no list of results');
  const files = (Results as readonly unknown[]).map((result) => {
    const { Key, MD5Checksum } = (result ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof Key !== 'string' || Key === '') throw new SyntaxError('it names a file without a key');
    return { key: Key, md5: typeof MD5Checksum === 'string' ? MD5Checksum.toLowerCase() : undefined };
  });
  return { files, columns: columnsOf(ReportSchema) };
}

function columnsOf(schema: unknown): ReportColumns {
  const names = typeof schema === 'string' ? schema.split(',').map((name) => name.trim().toLowerCase()) : [];
  const at = (name: string): number => names.indexOf(name.toLowerCase());
  for (const name of ['Bucket', 'Key', 'TaskStatus'])
    if (at(name) < 0) throw new SyntaxError(`its schema has no column ${name}`);
  return {
    bucket: at('Bucket'),
    key: at('Key'),
    status: at('TaskStatus'),
    codes: [at('ErrorCode'), at('HTTPStatusCode')],
    message: at('ResultMessage'),
  };
}

/** One record of a completion report; undefined for one that is none. Throws `URIError` for a key that is not URL-encoded. */
export function taskOf(fields: readonly string[], columns: ReportColumns): JobTask | undefined {
  const {
    bucket = '',
    key,
    status,
    message = '',
  } = {
    bucket: fields[columns.bucket],
    key: fields[columns.key],
    status: fields[columns.status],
    message: fields[columns.message],
  };
  if (key === undefined || (status !== 'succeeded' && status !== 'failed')) return undefined;
  // The schema names the code first, and S3's examples have the status first.
  const code = columns.codes.map((at) => fields[at] ?? '').find((text) => !/^\d*$/.test(text)) ?? '';
  return { bucket, key: urlDecoded(key), succeeded: status === 'succeeded', code, message };
}

/** Reads CSV (RFC 4180) piece by piece; the pieces may end anywhere. */
export interface CsvReader {
  /** The records that are complete with this piece. */
  add(piece: string): readonly (readonly string[])[];
  /** The last record, where no line break ends it. */
  end(): readonly (readonly string[])[];
}

export function csvReader(): CsvReader {
  let fields: string[] = [];
  let field = '';
  let quoted = false;
  /** A quote within quotes: the end of the field, or the first half of a quote. */
  let pending = false;

  function closeRecord(records: (readonly string[])[]): void {
    fields.push(field);
    field = '';
    if (fields.length > 1 || fields[0] !== '') records.push(fields);
    fields = [];
  }

  return {
    add(piece) {
      const records: (readonly string[])[] = [];
      for (let at = 0; at < piece.length; ) {
        const char = piece[at];
        if (pending) {
          pending = false;
          if (char === '"') {
            field += '"';
            at += 1;
            continue;
          }
          quoted = false;
        }
        if (quoted) {
          const end = piece.indexOf('"', at);
          field += piece.slice(at, end < 0 ? undefined : end);
          if (end < 0) break;
          pending = true;
          at = end + 1;
        } else if (char === '"' && field === '') {
          quoted = true;
          at += 1;
        } else if (char === ',') {
          fields.push(field);
          field = '';
          at += 1;
        } else if (char === '\n') {
          closeRecord(records);
          at += 1;
        } else {
          if (char !== '\r') field += char;
          at += 1;
        }
      }
      return records;
    },
    end() {
      const records: (readonly string[])[] = [];
      pending = false;
      quoted = false;
      closeRecord(records);
      return records;
    },
  };
}
