import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { bytesContent } from '../../../../src/model/content.js';
import { contentReader } from '../../../../src/source/archive/byte-reader.js';
import { decodeTarHeader, type TarHeader, tarMembers } from '../../../../src/source/archive/tar-format.js';
import {
  membersOf,
  missing,
  type Reach,
  WRITERS,
  type WrittenMember,
  writeArchive,
  writeTree,
} from '../../../support/tar-writers.js';

/** Archives of the same tree by GNU tar 1.34 and bsdtar 3.6.2, for machines without these programs; `writeArchive` made them. */
const KEPT = path.join(import.meta.dirname, 'written');

async function readAll(bytes: Buffer): Promise<WrittenMember[]> {
  const members: WrittenMember[] = [];
  for await (const member of tarMembers(contentReader(bytesContent(bytes)), { path: 'a.tar', packed: false })) {
    const { type, start, size } = member;
    const name = member.name.toString().replace(/\/$/, '');
    if (type === '0') members.push({ type, name, body: bytes.subarray(start, start + size) });
    else members.push(/^[12]$/.test(type) ? { type, name, link: member.link.toString() } : { type, name });
  }
  return members;
}

async function holdsTree(bytes: Buffer, reach: Reach): Promise<void> {
  assert.deepEqual(await readAll(bytes), membersOf(reach));
}

describe('archives made here', () => {
  let folder = '';
  let tree = '';
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 's3pp-tar-'));
    tree = path.join(folder, 'tree');
    mkdirSync(tree);
    if (process.platform !== 'win32') writeTree(tree);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const writer of WRITERS) {
    const { program, format, reach } = writer;
    it(`are read as they were written by ${program} as ${format}`, { skip: missing(program) ?? false }, async () => {
      const archive = path.join(folder, `${program} ${format}.tar`);
      writeArchive(writer, tree, archive);
      await holdsTree(readFileSync(archive), reach);
    });
  }
});

describe('archives that are kept', () => {
  for (const file of readdirSync(KEPT)) {
    it(`are read as they were written: ${file}`, async () => {
      const reach = WRITERS.find(({ program, format }) => file === keptName(program, format))?.reach;
      assert.ok(reach !== undefined, 'its name is that of no writer');
      await holdsTree(gunzipSync(readFileSync(path.join(KEPT, file))), reach);
    });
  }
});

function keptName(program: string, format: string): string {
  return `${program.replace(' ', '-').toLowerCase()}-${format}.tar.gz`;
}

describe('headers of large files', () => {
  const LARGE_HEADER = `
import sys, tarfile
member = tarfile.TarInfo("large.bin")
member.size = int(sys.argv[1])
sys.stdout.buffer.write(member.tobuf(tarfile.GNU_FORMAT))
`;
  it('have their size, as octal digits or in base 256 as Python writes it', {
    skip: missing('Python') ?? false,
  }, () => {
    for (const size of [0, 1, 8 ** 11 - 1, 8 ** 11, 5 * 2 ** 40, Number.MAX_SAFE_INTEGER]) {
      const block = execFileSync('python3', ['-c', LARGE_HEADER, String(size)]);
      const header = decodeTarHeader(block) as TarHeader;
      assert.deepEqual([header.type, header.size, header.name.toString()], ['0', size, 'large.bin']);
    }
    const tooLarge = execFileSync('python3', ['-c', LARGE_HEADER, String(2 ** 53)]);
    assert.equal(decodeTarHeader(tooLarge), undefined);
  });
});
