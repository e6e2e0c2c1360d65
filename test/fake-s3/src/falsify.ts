import type { FaultKind } from './fault.js';
import type { Answer } from './http/answer.js';

/** Applies a fault to a response: other ETags, other checksums, or another body. */
export function falsified(answer: Answer, fault: FaultKind | undefined): Answer {
  if (fault?.type === 'wrong-body') return withOtherBytes(answer);
  if (fault?.type !== 'wrong-etag' && fault?.type !== 'wrong-checksum') return answer;
  const headers = { ...answer.headers };
  for (const name in headers) {
    const value = headers[name] ?? '';
    if (fault.type === 'wrong-etag' && name === 'etag') headers.etag = otherEtag(value);
    const isChecksum = /^x-amz-checksum-(?!type$|algorithm$)/.test(name);
    if (fault.type === 'wrong-checksum' && isChecksum) headers[name] = otherChecksum(value);
  }
  const { body } = answer;
  // Objects are bytes; documents are text.
  if (typeof body !== 'string') return { ...answer, headers };
  const falsifiedBody =
    fault.type === 'wrong-etag'
      ? body.replace(/(?<=<ETag>(?:&quot;)?)[^<&]+/g, otherEtag)
      : body.replace(/(?<=<Checksum(?!Type|Algorithm)\w+>)[^<]+/g, otherChecksum);
  return { ...answer, headers, body: falsifiedBody };
}

function withOtherBytes(answer: Answer): Answer {
  if (!Buffer.isBuffer(answer.body) || answer.body.length === 0) return answer;
  const body = Buffer.from(answer.body);
  body.writeUInt8(body.readUInt8() ^ 1);
  return { ...answer, body };
}

function otherEtag(etag: string): string {
  return etag.replace(/[0-9a-f]/, (c) => (c === '0' ? '1' : '0'));
}

function otherChecksum(checksum: string): string {
  return checksum.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'));
}
