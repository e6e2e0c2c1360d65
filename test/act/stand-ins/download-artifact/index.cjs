const { cpSync, readdirSync } = require('node:fs');
const path = require('node:path');

const { ARTIFACTS, INPUT_NAME: name, INPUT_PATTERN: pattern = '', INPUT_PATH: to } = process.env;
const merge = process.env['INPUT_MERGE-MULTIPLE'] === 'true';
const isNamed = (one) => (pattern === '' ? one === name : one.startsWith(pattern.replace(/\*$/, '')));
const names = readdirSync(ARTIFACTS).filter(isNamed);
if (names.length === 0 && pattern === '') throw new Error(`there is no artifact ${name}`);
for (const one of names) {
  const folder = merge || pattern === '' ? to : path.join(to, one);
  cpSync(path.join(ARTIFACTS, one), folder, { recursive: true });
}
console.log(`artifacts ${names.join(', ')}`);
