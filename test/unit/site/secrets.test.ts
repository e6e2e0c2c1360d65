import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSecretName, secretIn } from '../../../src/site/secrets.js';
import { runs } from '../../support/runs.js';

const KEY = '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n';
const SSH = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----\n';
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----\n';
const STATE = '{\n  "version": 4,\n  "terraform_version": "1.9.0"\n}';
const AWS = '[default]\naws_access_key_id = AKIA\naws_secret_access_key = wJal\n';

const CANDIDATES: Readonly<Record<string, boolean>> = {
  'site.pem': true,
  'certs/site.key': true,
  'SITE.PEM': true,
  id_rsa: true,
  '.ssh/id_ed25519': true,
  'id_rsa.pub': true,
  '.env': true,
  '.env.production': true,
  'app/.env.local': true,
  '.envrc': true,
  '.env.example': false,
  '.env.sample': false,
  '.env.template': false,
  '.env.production.example': false,
  '.env.example.local': false,
  '.env-sample': false,
  '.env.dist': false,
  '.ENV.Example': false,
  '.npmrc': true,
  'packages/a/.npmrc': true,
  '.pypirc': true,
  '.git-credentials': true,
  '.aws/credentials': true,
  credentials: true,
  'terraform.tfstate': true,
  'terraform.tfstate.backup': true,
  'terraform.tfstate.1700000000.backup': true,
  'C:\\site\\.env': true,
  'index.html': false,
  'key.js': false,
  'pem.txt': false,
  'environment.js': false,
  'my.env.js': false,
  '.env/index.html': false,
  'site.key/index.html': false,
  'my-credentials': false,
  'credentials.html': false,
  'credentials/index.html': false,
  void_rsa: false,
  'database.backup': false,
  '.npmrc.md': false,
  '': false,
};

test('only some names make a file worth reading', () => {
  const found = Object.fromEntries(Object.keys(CANDIDATES).map((name) => [name, isSecretName(name)]));
  assert.deepEqual(found, CANDIDATES);
});

const KEYS = 'a private key';
const VALUES = 'values of variables';
const TOKENS = 'a token or password';
const AWS_KEYS = 'an AWS secret key';
const STATES = 'a Terraform state, which holds secrets as plain text';

/** Name, text, and what it holds; `$<NAME>` stands for a reference to a variable. */
const WRITTEN: readonly (readonly [name: string, text: string, holds: string | undefined])[] = [
  ['site.pem', KEY, KEYS],
  ['site.key', KEY.replaceAll('PRIVATE', 'EC PRIVATE'), KEYS],
  ['site.key', KEY.replaceAll('\n', '\r\n'), KEYS],
  ['site.pem', CERTIFICATE + KEY, KEYS],
  ['site.pem', KEY.replaceAll('PRIVATE', 'ENCRYPTED PRIVATE'), KEYS],
  ['gpg.key', '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQ\n', KEYS],
  ['id_rsa', SSH, KEYS],
  ['id_rsa.bak', SSH, KEYS],
  ['site.pem', CERTIFICATE, undefined],
  ['site.pem', '-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n', undefined],
  ['gpg.key', '-----BEGIN PGP PUBLIC KEY BLOCK-----\n', undefined],
  ['id_rsa.pub', 'ssh-rsa AAAA me@host\n', undefined],
  ['id_card.svg', '<svg/>', undefined],
  ['talk.key', 'PK\u0003\u0004Index/Document.iwa', undefined],
  ['id_rsa', '', undefined],
  ['notes.txt', KEY, undefined],

  ['.env', 'API_KEY=abc', VALUES],
  ['.env', 'A=\nB=1\n', VALUES],
  ['.env', 'export API_KEY=abc\n', VALUES],
  ['.env', '  export\tAPI_KEY = "abc" # the key\n', VALUES],
  ['.env', '\uFEFFAPI_KEY=abc\r\n', VALUES],
  ['.env', '# comment\r\n\r\nAPI_KEY=abc\r\n', VALUES],
  ['.env', '# comment\rAPI_KEY=abc\r', VALUES],
  ['.env', 'KEY="-----BEGIN\nabc"\n', VALUES],
  ['.env', "A='x'", VALUES],
  ['.env', 'PASSWORD=#hash', VALUES],
  ['.env', 'PASSWORD=$ecret', VALUES],
  ['.env', 'PASSWORD=$<OTHER:-fallback>', VALUES],
  ['.env', 'URL=https://$<USER>@host', VALUES],
  ['.env.production', 'a.b-c=1', VALUES],
  ['.envrc', 'export AWS_PROFILE=site', VALUES],
  ['.env', '', undefined],
  ['.env', 'API_KEY=', undefined],
  ['.env', 'API_KEY=   \r\nB=\t\r\n', undefined],
  ['.env', 'API_KEY=""\nB=\'\'\nC=``\nD=" "', undefined],
  ['.env', 'export API_KEY="";\n', undefined],
  ['.env', 'API_KEY= # put it here', undefined],
  ['.env', 'API_KEY=# put it here', undefined],
  ['.env', 'API_KEY="" # put it here', undefined],
  ['.env', '#API_KEY=abc\n  # B=2', undefined],
  ['.env', 'API_KEY=$<API_KEY>\nB="$<B>"\nC=$<C> # from CI', undefined],
  ['.env', '=abc\n1=2\nno assignment', undefined],
  ['.env.example', 'API_KEY=abc', undefined],

  ['.npmrc', '//registry.npmjs.org/:_authToken=npm_abc', TOKENS],
  ['.npmrc', 'registry=https://r/\r\n//r/:_authToken = "npm_abc"\r\n', TOKENS],
  ['.npmrc', '_auth=dXNlcjpwYXNz', TOKENS],
  ['.npmrc', '//r/:_password=cGFzcw==', TOKENS],
  ['.npmrc', 'https-proxy=http://me:secret@proxy:3128/', TOKENS],
  ['.npmrc', '//r/:_authToken=$<NPM_TOKEN>\n//s/:_authToken=npm_abc', TOKENS],
  ['.pypirc', '[pypi]\nusername = __token__\npassword = pypi-abc', TOKENS],
  ['.pypirc', '[pypi]\nusername: me\npassword: abc', TOKENS],
  ['.git-credentials', 'https://me:ghp_abc@github.com', TOKENS],
  ['.git-credentials', 'https://:ghp_abc@github.com\n', TOKENS],
  ['.npmrc', '', undefined],
  ['.npmrc', 'save-exact=true\nalways-auth=true\nregistry=https://registry.npmjs.org/', undefined],
  ['.npmrc', '//registry.npmjs.org/:_authToken=$<NPM_TOKEN>', undefined],
  ['.npmrc', '//r/:_authToken="$<NPM_TOKEN>"', undefined],
  ['.npmrc', '//r/:_authToken=$<NPM_TOKEN?>', undefined],
  ['.npmrc', '//r/:_authToken={{ token }}', undefined],
  ['.npmrc', '//r/:_authToken=', undefined],
  ['.npmrc', '; //r/:_authToken=npm_abc\n# _auth=abc', undefined],
  ['.npmrc', '# for example https://me:secret@proxy', undefined],
  ['.npmrc', 'proxy=http://me:$<PASSWORD>@proxy:3128', undefined],
  ['.npmrc', 'registry=https://host:8080/@scope', undefined],
  ['.npmrc', 'message=enter password: now', undefined],
  ['.pypirc', '[pypi]\nusername = __token__\npassword =\n', undefined],
  ['.git-credentials', 'https://me@github.com', undefined],

  ['.aws/credentials', AWS, AWS_KEYS],
  ['credentials', AWS.replaceAll('\n', '\r\n'), AWS_KEYS],
  ['credentials', AWS.replace('wJal', ''), undefined],
  ['credentials', AWS.replace('aws_secret', '# aws_secret'), undefined],
  ['credentials', '<html>aws_secret_access_key</html>', undefined],
  ['credentials', '[default]\nsso_session = me', undefined],

  ['terraform.tfstate', STATE, STATES],
  ['terraform.tfstate.backup', STATE, STATES],
  ['terraform.tfstate', '{}', undefined],
  ['database.backup', STATE, undefined],
];

const reference = (_written: string, name: string): string => ['$', '{', name, '}'].join('');
const TABLE = WRITTEN.map(([name, text, holds]) => [name, text.replaceAll(/\$<([^>]*)>/g, reference), holds] as const);

test('what a file holds is proven by its text', () => {
  const found = TABLE.map(([name, text]) => [name, text, secretIn(name, Buffer.from(text))]);
  assert.deepEqual(found, TABLE);
});

test('UTF-16, as Windows writes it, hides no secret', () => {
  for (const [name, text, holds] of TABLE) {
    if (text.startsWith('\uFEFF')) continue;
    const little = Buffer.from(text, 'utf16le');
    const big = Buffer.from(little).swap16();
    const marked = [
      Buffer.concat([Buffer.from([0xff, 0xfe]), little]),
      Buffer.concat([Buffer.from([0xfe, 0xff]), big]),
    ];
    for (const head of marked) assert.equal(secretIn(name, head), holds, `${name}: ${text}`);
    for (const head of [little, big]) assert.equal(secretIn(name, head), holds, `${name}, without a mark: ${text}`);
  }
});

test('a head that ends within a character is read', () => {
  const head = Buffer.from('API_KEY=abc\nNAME=ä');
  assert.equal(secretIn('.env', head.subarray(0, -1)), VALUES);
  const wide = Buffer.concat([
    Buffer.from([0xfe, 0xff]),
    Buffer.from('API_KEY=abc', 'utf16le').swap16(),
    Buffer.from([0]),
  ]);
  assert.equal(secretIn('.env', wide), VALUES);
});

test('the cheap test of a name agrees with the table', () => {
  const parts = [
    '.env',
    'id_',
    '.pem',
    '.key',
    '.npmrc',
    'credentials',
    '.tfstate',
    '.backup',
    '/',
    'a',
    '.',
    'Z',
    '.example',
  ];
  const names = fc.array(fc.constantFrom(...parts), { maxLength: 6 }).map((all) => all.join(''));
  const proofs = `${KEY}${STATE}\nA=1\n_auth=a\naws_secret_access_key=a\n`;
  fc.assert(
    fc.property(names, (name) => {
      assert.equal(isSecretName(name), secretIn(name, Buffer.from(proofs)) !== undefined, name);
    }),
    runs(1_000),
  );
});
