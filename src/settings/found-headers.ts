import type { FoundFile } from '../option-row.js';
import { CLOSED_ACLS } from '../option-values.js';

const CLOSED: FoundFile = { only: CLOSED_ACLS };

/**
 * Headers that do what an option does, or what nobody can undo: who may read the object, who pays, which key encrypts it, and how long it
 * cannot be deleted. The first that fits counts.
 */
const BY_HEADER: readonly (readonly [RegExp, FoundFile])[] = [
  [/^x-amz-acl$/, CLOSED],
  [/^x-amz-grant-/, 'never'],
  [/^x-amz-object-lock-/, 'never'],
  [/^x-amz-server-side-encryption-customer-/, 'never'],
  [/^x-amz-server-side-encryption-(?:aws-kms-key-id|context)$/, 'where'],
  [/^x-amz-request-payer$/, 'where'],
];

/** What a found config file may say by one header of objects, in any letter case. */
export function foundFileOfHeader(name: string): FoundFile {
  const plain = name.trim().toLowerCase();
  return BY_HEADER.find(([names]) => names.test(plain))?.[1] ?? 'free';
}
