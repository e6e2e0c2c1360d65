import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parse, parseDocument } from 'yaml';

// What GitHub reads besides workflows: forms of issues, Dependabot, owners, and what people read before they trust a tool.

const ROOT = path.resolve(import.meta.dirname, '../..');
const FORMS = '.github/ISSUE_TEMPLATE';

interface Field {
  readonly type: string;
  readonly id?: string;
  readonly attributes: {
    readonly label?: string;
    readonly description?: string;
    readonly options?: readonly unknown[];
  };
}

interface Form {
  readonly name: string;
  readonly description: string;
  readonly body: readonly Field[];
}

const read = (name: string): string => readFileSync(path.join(ROOT, name), 'utf8').replaceAll('\r\n', '\n');
const form = (name: string): Form => parse(read(`${FORMS}/${name}`)) as Form;
const repository: string = JSON.parse(read('package.json')).repository.url.replace(/^git\+|\.git$/g, '');

/** The names of the repository's own files that addresses in a text lead to. */
function filesLinked(text: string): readonly string[] {
  return [...text.matchAll(new RegExp(`${repository}/blob/main/([^\\s)#]+)`, 'g'))].map(([, file]) => file ?? '');
}

test('every YAML file of .github parses without a warning', () => {
  const names = readdirSync(path.join(ROOT, '.github'), { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => /\.ya?ml$/.test(name));
  assert.ok(files.length >= 8, files.join());
  for (const file of files) {
    const { errors, warnings } = parseDocument(read(`.github/${file}`));
    assert.deepEqual([...errors, ...warnings], [], file);
  }
});

test('the forms have a name, a description, and fields that GitHub takes, each with its own id and label', () => {
  for (const name of ['bug.yml', 'feature.yml']) {
    const { name: title, description, body } = form(name);
    assert.ok(title !== '' && description !== '', name);
    const fields = body.filter(({ type }) => type !== 'markdown');
    for (const { type, id, attributes } of fields) {
      assert.ok(['input', 'textarea', 'dropdown', 'checkboxes'].includes(type), `${name}: ${type}`);
      assert.match(id ?? '', /^[a-z][\w-]*$/, name);
      assert.notEqual(attributes.label ?? '', '', `${name}: ${id}`);
      if (type === 'dropdown' || type === 'checkboxes') assert.ok((attributes.options ?? []).length > 1, id);
    }
    assert.equal(new Set(fields.map(({ id }) => id)).size, fields.length, name);
    assert.equal(new Set(fields.map(({ attributes }) => attributes.label)).size, fields.length, name);
  }
});

test('the form for bugs asks for version, command, report and server, and warns of secrets', () => {
  const text = read(`${FORMS}/bug.yml`);
  for (const part of ['--version', '--json', 'report-path', 'Server', 'access keys', 'security/advisories/new'])
    assert.ok(text.includes(part), part);
});

test('no blank issue for a vulnerability: the private report is linked in the forms and in SECURITY.md', () => {
  const private_ = `${repository}/security/advisories/new`;
  for (const file of [`${FORMS}/config.yml`, `${FORMS}/bug.yml`, 'SECURITY.md'])
    assert.ok(read(file).includes(private_), file);
});

test('Dependabot updates npm, actions and the image, in groups, after a cooldown', () => {
  const { updates } = parse(read('.github/dependabot.yml')) as {
    readonly updates: readonly {
      readonly 'package-ecosystem': string;
      readonly cooldown?: { readonly 'default-days': number };
      readonly groups?: Readonly<Record<string, unknown>>;
    }[];
  };
  assert.deepEqual(
    updates.map((update) => update['package-ecosystem']),
    ['npm', 'github-actions', 'docker'],
  );
  for (const { cooldown } of updates) assert.ok((cooldown?.['default-days'] ?? 0) >= 7);
  assert.deepEqual(Object.keys(updates[0]?.groups ?? {}), ['sdk', 'development']);
});

test('npm changes no path of a command when it publishes', () => {
  const bin = Object.values<string>(JSON.parse(read('package.json')).bin);
  assert.deepEqual(
    bin.filter((file) => path.posix.normalize(file) !== file),
    [],
  );
});

test('pages that the forms of issues lead to exist', () => {
  const pages = readdirSync(path.join(ROOT, FORMS)).flatMap((name) => filesLinked(read(`${FORMS}/${name}`)));
  assert.ok(pages.length >= 2);
  for (const page of pages) assert.ok(existsSync(path.join(ROOT, page)), page);
});

test('the search of releasing.md finds each file that names the owner, who is a placeholder first', () => {
  const owner = repository.split('/').at(-2) ?? '';
  const [, pattern = ''] = /`git grep -nE 'org(\/[^']+)'`/.exec(read('docs/releasing.md')) ?? [];
  assert.notEqual(pattern, '');
  const found = new RegExp(`${owner}${pattern}`);
  const files = ['.github/CODEOWNERS', '.github/zizmor.yml', 'README.md', 'SECURITY.md', 'Dockerfile', 'package.json'];
  for (const file of files) assert.match(read(file), found, file);
  // The slash is escaped in a regular expression, where a search for the name misses it.
  const folders = ['examples', 'gulp-plugin/src', 'scripts', 'src', 'test'];
  const sources = folders.flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => path.join(folder, name)),
  );
  const escaped = [owner, '/s3-parallel'].join('\\');
  assert.deepEqual(
    sources.filter((file) => /\.(?:ts|mjs)$/.test(file) && read(file).includes(escaped)),
    [],
  );
});

test('what releasing.md names of the workflows exists: files, jobs and environment', () => {
  const text = read('docs/releasing.md');
  const jobs = Object.keys((parse(read('.github/workflows/release.yml')) as { jobs: object }).jobs);
  assert.deepEqual(jobs, ['test', 'npm', 'image', 'draft']);
  for (const job of jobs) assert.match(text, new RegExp(`\\| \`${job}\` \\|`), job);
  for (const part of ['release.yml', 'major.yml', 'environment `npm`']) assert.ok(text.includes(part), part);
});
