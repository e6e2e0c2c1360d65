import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { create } from 'tar';

/** A member that an archive of the tree has to have. */
export interface WrittenMember {
  /** Type flag. */
  readonly type: string;
  readonly name: string;
  /** Where a link leads. */
  readonly link?: string;
  readonly body?: Buffer;
}

/** What a format can hold: names of 100 bytes; a prefix before them; names of any length, and numbers that octal digits cannot hold. */
export type Reach = 'short' | 'prefix' | 'any';

const BELOW = 'a-directory-with-a-name-of-some-length/'.repeat(4);
const FAR_BELOW = 'a-directory-with-a-name-of-some-length/'.repeat(8);
const SMALL: readonly WrittenMember[] = [
  { type: '5', name: 'dir' },
  { type: '0', name: 'dir/file.bin', body: Buffer.alloc(700, 'file') },
  { type: '0', name: 'empty.txt', body: Buffer.alloc(0) },
  { type: '0', name: 'größe und 大.txt', body: Buffer.alloc(512, 'block') },
  { type: '1', name: 'hard', link: 'dir/file.bin' },
  { type: '2', name: 'soft', link: 'dir/file.bin' },
  { type: '0', name: 'x'.repeat(99), body: Buffer.from('99') },
];
const PREFIXED: readonly WrittenMember[] = [{ type: '0', name: `${BELOW}file`, body: Buffer.from('prefix') }];
const LONG: readonly WrittenMember[] = [
  { type: '0', name: `${FAR_BELOW}file`, body: Buffer.from('long') },
  { type: '2', name: `${FAR_BELOW}link`, link: `${BELOW}nowhere` },
  { type: '0', name: 'y'.repeat(101), body: Buffer.from('101') },
];

/** What an archive of the tree holds, in its order. */
export function membersOf(reach: Reach): readonly WrittenMember[] {
  if (reach === 'short') return SMALL;
  return reach === 'prefix' ? [...SMALL, ...PREFIXED] : [...SMALL, ...PREFIXED, ...LONG];
}

/** Writes the tree that every writer packs. */
export function writeTree(folder: string): void {
  for (const { type, name, link = '', body = '' } of membersOf('any')) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    if (type === '0') writeFileSync(file, body);
    else if (type === '1') linkSync(path.join(folder, link), file);
    else if (type === '2') symlinkSync(link, file);
    else mkdirSync(file);
  }
}

/** A program that makes archives, in one of its formats. */
export interface Writer {
  readonly program: 'GNU tar' | 'bsdtar' | 'Python' | 'npm tar';
  readonly format: string;
  readonly reach: Reach;
}

export const WRITERS: readonly Writer[] = [
  { program: 'GNU tar', format: 'v7', reach: 'short' },
  { program: 'GNU tar', format: 'ustar', reach: 'prefix' },
  { program: 'GNU tar', format: 'oldgnu', reach: 'any' },
  { program: 'GNU tar', format: 'gnu', reach: 'any' },
  { program: 'GNU tar', format: 'pax', reach: 'any' },
  { program: 'bsdtar', format: 'v7', reach: 'short' },
  { program: 'bsdtar', format: 'ustar', reach: 'prefix' },
  { program: 'bsdtar', format: 'gnutar', reach: 'any' },
  { program: 'bsdtar', format: 'pax', reach: 'any' },
  { program: 'Python', format: 'ustar', reach: 'prefix' },
  { program: 'Python', format: 'gnu', reach: 'any' },
  { program: 'Python', format: 'pax', reach: 'any' },
  { program: 'npm tar', format: 'pax', reach: 'any' },
];

/** An owner whose number takes more than the seven octal digits of its field. */
const LARGE_OWNER = '3000000';
const BEFORE_1970 = new Date('1960-01-01T00:00:00Z');
const AFTER_1970 = new Date('2020-01-01T00:00:00Z');
const PYTHON = `
import sys, tarfile
file, format, large, *names = sys.argv[1:]
def changed(member):
    if large == "yes": member.uid, member.mtime = ${LARGE_OWNER}, ${BEFORE_1970.getTime() / 1000}
    return member
with tarfile.open(file, "w", format=getattr(tarfile, format.upper() + "_FORMAT")) as archive:
    for name in names: archive.add(name, recursive=False, filter=changed)
`;
const COMMANDS: Readonly<Record<Exclude<Writer['program'], 'npm tar'>, readonly [command: string, version: RegExp]>> = {
  'GNU tar': ['tar', /GNU tar/],
  bsdtar: ['bsdtar', /bsdtar/],
  Python: ['python3', /Python 3/],
};

/** Why this machine cannot run the program; undefined where it can. */
export function missing(program: Writer['program']): string | undefined {
  if (process.platform === 'win32') return 'Windows makes symlinks for administrators only';
  if (program === 'npm tar') return undefined;
  const [command, version] = COMMANDS[program];
  try {
    return version.test(run(command, ['--version'])) ? undefined : `${command} is not ${program} here`;
  } catch {
    return `there is no ${command} here`;
  }
}

/** Packs the tree in `folder` into the file `archive`. Where the format can hold it, a file is of 1960 and the owner has a large number. */
export function writeArchive({ program, format, reach }: Writer, folder: string, archive: string): void {
  const names = membersOf(reach).map(({ name }) => name);
  const large = reach === 'any';
  const time = large ? BEFORE_1970 : AFTER_1970;
  utimesSync(path.join(folder, 'empty.txt'), time, time);
  const common = ['--format', format, '-cf', archive, '--no-recursion', '-C', folder];
  if (program === 'npm tar') {
    create({ file: archive, cwd: folder, sync: true, noDirRecurse: true }, names);
  } else if (program === 'Python') {
    run('python3', ['-c', PYTHON, archive, format, large ? 'yes' : 'no', ...names], folder);
  } else if (program === 'bsdtar') {
    run('bsdtar', [...common, ...(large ? ['--uid', LARGE_OWNER] : []), ...names]);
  } else {
    run('tar', [...common, ...(large ? [`--owner=somebody:${LARGE_OWNER}`] : []), ...names]);
  }
}

function run(command: string, args: readonly string[], cwd: string = process.cwd()): string {
  // bsdtar takes names for text, and on macOS adds files of its own.
  const env = { ...process.env, LC_ALL: 'C.UTF-8', COPYFILE_DISABLE: '1' };
  return execFileSync(command, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
