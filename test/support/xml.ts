import assert from 'node:assert/strict';

const NAME = '[A-Za-z_][\\w.:-]*';
const ATTRIBUTE = new RegExp(`^\\s+(${NAME})="([^"<]*)"`);
const TAG = new RegExp(`^<(/?)(${NAME})((?:\\s+${NAME}="[^"<]*")*)\\s*(/?)>`);
const REFERENCE = /&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-fA-F]+);)/;

/** Asserts that a text is one XML element that is well-formed. Only what our own pictures use: no comments, no declarations. */
export function assertWellFormed(xml: string): void {
  const open: string[] = [];
  let rest = xml.trim();
  let elements = 0;
  while (rest !== '') {
    const text = /^[^<]*/.exec(rest)?.[0] ?? '';
    assert.doesNotMatch(text, REFERENCE);
    if (open.length === 0) assert.equal(text.trim(), '', 'no text outside of the element');
    rest = rest.slice(text.length);
    if (rest === '') break;
    const [tag, closing, name = '', attributes = '', empty] = TAG.exec(rest) ?? [];
    assert.ok(tag !== undefined, `a tag begins at ${rest.slice(0, 80)}`);
    if (closing === '/') assert.equal(open.pop(), name);
    else {
      if (open.length === 0) elements += 1;
      assertAttributes(attributes);
      if (empty !== '/') open.push(name);
    }
    rest = rest.slice(tag.length);
  }
  assert.deepEqual(open, []);
  assert.equal(elements, 1);
}

function assertAttributes(text: string): void {
  const names: string[] = [];
  for (let rest = text; rest !== ''; ) {
    const [whole, name = '', value = ''] = ATTRIBUTE.exec(rest) ?? [];
    assert.ok(whole !== undefined, `an attribute begins at ${rest}`);
    assert.doesNotMatch(value, REFERENCE);
    assert.ok(!names.includes(name), `${name} is there once`);
    names.push(name);
    rest = rest.slice(whole.length);
  }
}

/** Asserts that a picture runs nothing and loads nothing; links lead somewhere only when somebody clicks, but pictures have none either. */
export function assertSelfContained(svg: string): void {
  assert.doesNotMatch(svg, /<(?:script|image|img|use|iframe|object|embed|link|a)\b/i);
  assert.doesNotMatch(svg, /\s(?:on\w+|src|href|xlink:href|srcset)\s*=/i);
  assert.doesNotMatch(svg, /@import|@font-face|\burl\(|javascript:/i);
}
