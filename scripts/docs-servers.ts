import { type EndpointProfile, PROFILES } from '../src/s3/endpoint-profile.js';
import { table } from './markdown.js';

const NAMES: Readonly<Record<EndpointProfile['name'], string>> = {
  aws: 'AWS S3',
  minio: 'MinIO',
  versitygw: 'versitygw',
  ceph: 'Ceph',
  r2: 'Cloudflare R2',
  seaweedfs: 'SeaweedFS',
  generic: 'other servers',
};

/** What each kind of server can do, as a table. */
export function serversTable(): string {
  const rows = Object.values(PROFILES).map((profile) => [
    NAMES[profile.name],
    profile.crc32 ? 'CRC32' : 'Content-MD5',
    known(profile.conditionalPuts),
    known(profile.conditionalCopies),
    known(profile.unlistedParts),
    profile.equalParts ? 'of one size' : 'any',
    known(profile.acls),
  ]);
  const head = ['server', 'checksum sent', '`add` is guarded', 'and for copies', 'large files resume', 'parts', 'ACLs'];
  return table(head, rows).join('\n');
}

function known(fact: boolean | 'unknown'): string {
  if (fact === 'unknown') return 'found out';
  return fact ? 'yes' : 'no';
}
