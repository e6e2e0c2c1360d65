import { readFile } from 'node:fs/promises';

/** One profile of the shared AWS files: its entries by their names. Undefined is a value that is not plain, such as one with a comment behind it. */
export type Profile = Readonly<Record<string, string | undefined>>;
/** The profiles of a file by their names; `default` is one of them. */
export type Profiles = ReadonlyMap<string, Profile>;

const BLANK = /^\s*(?:[#;].*)?$/;
const SECTION = /^\[(?:(profile|sso-session|services) )?([A-Za-z0-9_.@-]+)\]\s*$/;
const ENTRY = /^([a-z0-9_]+)\s*=\s*(.*?)\s*$/;
/** A value without blanks, quotes and what may begin a comment. */
const PLAIN_VALUE = /^(?!.*[#;"'])[!-~]+$/;
const NESTED = /^\s+[A-Za-z0-9_]+\s*=/;

/**
 * Reads a shared AWS file whose form is plain. Undefined for any other, such as one with a section or an entry that is there twice: these are left
 * to the SDK. A file that cannot be read has no profiles, as the SDK has it.
 * @param kind how the file names profiles: in the config file all but the default one are `[profile name]`
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
 */
export async function readProfiles(file: string, kind: 'config' | 'credentials'): Promise<Profiles | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return new Map();
  }
  return parseProfiles(text, kind);
}

/** @internal */
export function parseProfiles(text: string, kind: 'config' | 'credentials'): Profiles | undefined {
  const profiles = new Map<string, Record<string, string | undefined>>();
  const sections = new Set<string>();
  let entries: Record<string, string | undefined> | undefined;
  let takesNested = false;
  for (const line of text.split(/\r?\n/)) {
    if (BLANK.test(line) || (takesNested && NESTED.test(line))) continue;
    takesNested = false;
    const [, type, name] = SECTION.exec(line) ?? [];
    if (name !== undefined) {
      const isProfile = kind === 'credentials' ? type === undefined : type === 'profile' || name === 'default';
      // A section without its word is none of the config file's profiles, and one with it none of the credentials file's.
      if (name === '__proto__' || sections.has(name) || (type === undefined && !isProfile)) return undefined;
      if (type === 'profile' && (kind === 'credentials' || name === 'default')) return undefined;
      sections.add(name);
      entries = Object.create(null) as Record<string, string | undefined>;
      if (isProfile && type !== 'sso-session' && type !== 'services') profiles.set(name, entries);
      continue;
    }
    const [, entry, value] = ENTRY.exec(line) ?? [];
    if (entries === undefined || entry === undefined || value === undefined || entry in entries) return undefined;
    entries[entry] = PLAIN_VALUE.test(value) ? value : undefined;
    takesNested = value === '';
  }
  return profiles;
}
