import { S3Error } from '../http/error.js';
import { readXml, type XmlElement } from '../http/read-xml.js';
import { invalidArgument } from '../objects/listing-parameters.js';
import { CHECKSUM_ALGORITHMS, type Checksum, isWellFormed } from '../store/checksum.js';

/** A part as the body of a CompleteMultipartUpload names it. */
export interface NamedPart {
  readonly number: number;
  /** Unquoted. */
  readonly etag: string;
  readonly checksum: Checksum | undefined;
}

/** Reads that body. Throws MalformedXML, or InvalidPartOrder if the numbers do not increase. */
export function readCompleteDocument(document: string): NamedPart[] {
  const { name, children } = readXml(document);
  if (name !== 'CompleteMultipartUpload' || children.length === 0 || children.length > 10_000) {
    throw new S3Error('MalformedXML');
  }
  const parts = children.map(readPart);
  parts.forEach(({ number }, i) => {
    if (number <= (parts[i - 1]?.number ?? 0)) throw new S3Error('InvalidPartOrder');
  });
  return parts;
}

function readPart({ name, children }: XmlElement): NamedPart {
  if (name !== 'Part') throw new S3Error('MalformedXML');
  const fields = new Map(children.map((child) => [child.name, child.text.trim()]));
  const number = fields.get('PartNumber') ?? '';
  const etag = fields.get('ETag');
  if (!/^\d+$/.test(number) || etag === undefined || fields.size < children.length) throw new S3Error('MalformedXML');
  if (Number(number) < 1 || Number(number) > 10_000) {
    throw invalidArgument('partNumber', number, 'PartNumber must be >= 1 and <= 10000');
  }
  fields.delete('PartNumber');
  fields.delete('ETag');
  return { number: Number(number), etag: etag.replace(/^"(.*)"$/, '$1'), checksum: readChecksum(fields) };
}

/** The other fields of a part: none, or one checksum. */
function readChecksum(fields: ReadonlyMap<string, string>): Checksum | undefined {
  let found: Checksum | undefined;
  for (const [name, value] of fields) {
    const algorithm = CHECKSUM_ALGORITHMS.find((known) => name === `Checksum${known.toUpperCase()}`);
    if (algorithm === undefined) throw new S3Error('MalformedXML');
    if (found !== undefined || !isWellFormed(algorithm, value)) {
      const message = 'Invalid Base64 or multiple checksums present in request';
      throw invalidArgument('Checksum', `${algorithm.toUpperCase()}:${value};`, message);
    }
    found = { algorithm, value };
  }
  return found;
}
