const { cpSync, existsSync, rmSync, statSync } = require('node:fs');
const path = require('node:path');

const { ARTIFACTS, INPUT_NAME: name, INPUT_PATH: from, INPUT_OVERWRITE: overwrite } = process.env;
const hidden = process.env['INPUT_INCLUDE-HIDDEN-FILES'] === 'true';
const to = path.join(ARTIFACTS, name);
if (existsSync(to)) {
  if (overwrite !== 'true') throw new Error(`there is an artifact ${name} already`);
  rmSync(to, { recursive: true });
}
// As in the original, a folder's content is the artifact, and a file keeps its name.
const target = statSync(from).isDirectory() ? to : path.join(to, path.basename(from));
cpSync(from, target, {
  recursive: true,
  filter: (file) => hidden || file === from || !path.basename(file).startsWith('.'),
});
console.log(`artifact ${name} from ${path.basename(from)}`);
