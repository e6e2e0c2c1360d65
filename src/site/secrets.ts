/** The most bytes that are read of a file whose name is that of a secret. */
export const SECRET_HEAD_BYTES: number = 64 * 1024;

/** A kind of files that hold secrets: their names, and what in their text proves it. */
interface SecretKind {
  /** What such a file holds, for messages. */
  readonly what: string;
  /** Whether a base name in lower case is one of this kind. */
  readonly named: (name: string) => boolean;
  readonly holds: (text: string) => boolean;
}

const KINDS: readonly SecretKind[] = [
  {
    what: 'a private key',
    named: (name) => /^id_|\.(?:pem|key)$/.test(name),
    // Keys of GnuPG are blocks.
    holds: (text) => /PRIVATE KEY(?: BLOCK)?-----/.test(text),
  },
  {
    what: 'values of variables',
    named: (name) => name.startsWith('.env') && !EXAMPLE.test(name),
    holds: (text) => hasValue(text, /^[ \t]*(?:export[ \t]+)?[a-z_][\w.-]*[ \t]*=(.*)$/i),
  },
  {
    what: 'a token or password',
    named: (name) => name === '.npmrc' || name === '.pypirc' || name === '.git-credentials',
    // In .npmrc the key begins with the registry: //registry.npmjs.org/:_authToken=…
    holds: (text) =>
      hasValue(text, /^(?:[^=]*[:/ \t])?(?:_authToken|_auth|_password|password)[ \t]*[=:](.*)$/i) ||
      linesOf(text).some(hasLogin),
  },
  {
    what: 'an AWS secret key',
    named: (name) => name === 'credentials',
    holds: (text) => hasValue(text, /^[ \t]*aws_secret_access_key[ \t]*[=:](.*)$/i),
  },
  {
    what: 'a Terraform state, which holds secrets as plain text',
    named: (name) => /\.tfstate(?:\.\d+)?(?:\.backup)?$/.test(name),
    holds: (text) => text.includes('"terraform_version"'),
  },
];

/** A part of a name by which people call an example of a file. */
const EXAMPLE = /[._-](?:examples?|samples?|templates?|tmpl|tpl|dist|defaults?|schema)(?:[._-]|$)/;

/** All names of all kinds, and few others: one cheap test for each file of a source. */
const ANY_NAME =
  /(?:^|[/\\])(?:id_[^/\\]*|\.env[^/\\]*|\.npmrc|\.pypirc|\.git-credentials|credentials)$|\.(?:pem|key|tfstate|backup)$/i;

/**
 * Whether a file is read to find out if it is a secret. Case does not matter: file systems and people differ about it.
 */
export function isSecretName(path: string): boolean {
  return ANY_NAME.test(path) && kindOf(path) !== undefined;
}

/**
 * What a file holds that should stay secret; undefined where its name or its text is no secret's.
 * @param head its first bytes, {@link SECRET_HEAD_BYTES} are enough
 */
export function secretIn(path: string, head: Buffer): string | undefined {
  const kind = kindOf(path);
  return kind?.holds(textOf(head)) === true ? kind.what : undefined;
}

function kindOf(path: string): SecretKind | undefined {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1).toLowerCase();
  return KINDS.find(({ named }) => named(name));
}

/** Windows writes UTF-16, with a mark or without; without one a zero beside the first character shows it. */
function textOf(head: Buffer): string {
  const [first, second] = head;
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return head.toString('utf16le');
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== undefined && second !== 0)) {
    const whole = head.length - (head.length % 2);
    return Buffer.from(head.subarray(0, whole)).swap16().toString('utf16le');
  }
  return head.toString('utf8');
}

/** The lines without comments. A mark at the beginning is no part of the first one. */
function linesOf(text: string): readonly string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/[\r\n]+/)
    .filter((line) => !/^[ \t]*[#;]/.test(line));
}

/** Whether a line has a value in the group of `line`. */
function hasValue(text: string, line: RegExp): boolean {
  return linesOf(text).some((one) => isValue(line.exec(one)?.[1] ?? ''));
}

/** Whether a text holds an address with a password: https://user:token@host. */
function hasLogin(line: string): boolean {
  return [...line.matchAll(/:\/\/[^\s:/@]*:([^\s/@]+)@/g)].some(([, password = '']) => !PLACEHOLDER.test(password));
}

/** What another program replaces by a value: `${NPM_TOKEN}`, `${{ secrets.TOKEN }}`, `{{ token }}`. */
const PLACEHOLDER = /^(?:\$\{\s*[\w.-]+[?-]?\s*\}|\$?\{\{[^{}]*\}\})$/;

/** Whether what stands behind `=` is more than blanks, a comment, quotes around nothing, or a placeholder. */
function isValue(written: string): boolean {
  // A value may begin with #, but then no blank is beside it.
  if (/^[ \t]+[#;]|^[#;][ \t]/.test(written)) return false;
  const value = written.trim();
  const [, , quoted] = /^(["'`])(.*?)\1[ \t;]*(?:#.*)?$/.exec(value) ?? [];
  const bare = (quoted ?? value.replace(/[ \t]#.*$/, '')).trim();
  return bare !== '' && bare !== ';' && !PLACEHOLDER.test(bare);
}
