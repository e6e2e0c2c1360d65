import type { HeaderMap } from '../../options/types.js';
import type { Address } from '../address.js';
import { isHeaderValue } from '../http/connection.js';
import { amzDate, canonicalSigner, canonicalValue, type SigningCredentials, signedNames } from '../sign.js';
import type { RequestConstants, SignedFor } from './signed-request.js';

const HASH = 'x-amz-content-sha256';
const DATE = 'x-amz-date';
const TOKEN = 'x-amz-security-token';

/** What the head of one put has. */
export interface PutHead {
  /** As in the request line, encoded. */
  readonly path: string;
  /** Those of the object. The map must never change: what its puts have in common is kept with it. */
  readonly headers: HeaderMap;
  /** The header that protects the body, and its value; empty where there is none. */
  readonly checkName: string;
  readonly checkValue: string;
  readonly payloadHash: string;
}

/**
 * Writes the signed headers of a put, each with its line break, without the length of the body.
 * @throws TypeError for a header that would break out of its line; options are checked before
 */
export type PutHeads = (put: PutHead, by: SignedFor) => string;

/** What puts with the same headers have in common. */
interface Template {
  readonly address: Address;
  readonly credentials: SigningCredentials;
  readonly date: string;
  readonly checkName: string;
  readonly names: string;
  readonly head: string;
  /** The headers as they are signed, cut after the names of the check and of the hash: in the order of names, the check comes first. */
  readonly first: string;
  readonly second: string;
  readonly third: string;
}

/** Most puts of a run have the same headers but for a checksum and a hash: the rest is sorted, checked and joined once a second. */
export function putHeads({ requestHeaders, userAgent }: RequestConstants): PutHeads {
  const sign = canonicalSigner();
  const templates = new WeakMap<HeaderMap, Template>();

  function made(headers: HeaderMap, checkName: string, date: string, { address, credentials }: SignedFor): Template {
    const own = checkName === '' ? {} : { [checkName]: '' };
    const all: Record<string, string> = { host: address.host, ...requestHeaders, ...headers, ...own };
    Object.assign(all, { [HASH]: '', [DATE]: date });
    if (credentials.sessionToken !== undefined) all[TOKEN] = credentials.sessionToken;
    let head = '';
    for (const [name, value] of Object.entries(all)) {
      if (!isHeaderValue(value))
        throw new TypeError(`the header ${name} has a line break, or a character outside of Latin-1`);
      if (name !== checkName && name !== HASH) head += `${name}: ${value}\r\n`;
    }
    head += `user-agent: ${userAgent}\r\n`;
    const { signed, names } = signedNames(Object.keys(all));
    const cut = ['', '', ''];
    let at = checkName === '' ? 1 : 0;
    for (const name of signed) {
      const isCut = name === checkName || name === HASH;
      cut[at] += isCut ? `${name}:` : `${name}:${canonicalValue(all[name] ?? '')}\n`;
      if (isCut) at += 1;
    }
    const [first = '', second = '', third = ''] = cut;
    return { address, credentials, date, checkName, names, head, first, second, third };
  }

  return ({ path, headers, checkName, checkValue, payloadHash }, by) => {
    const { address, credentials, now } = by;
    const date = amzDate(now);
    let template = templates.get(headers);
    if (
      template?.date !== date ||
      template.address !== address ||
      template.credentials !== credentials ||
      template.checkName !== checkName
    ) {
      template = made(headers, checkName, date, by);
      templates.set(headers, template);
    }
    const { names, head, first, second, third } = template;
    const check = checkName === '' ? '' : `${checkValue}\n`;
    const canonical = `PUT\n${path}\n\n${first}${check}${second}${payloadHash}\n${third}\n${names}\n${payloadHash}`;
    const authorization = sign(names, canonical, date, address.signingRegion, address.signingName, credentials);
    const checkLine = checkName === '' ? '' : `${checkName}: ${checkValue}\r\n`;
    return `${head}${checkLine}${HASH}: ${payloadHash}\r\nauthorization: ${authorization}\r\n`;
  };
}
