// Holds a document to a model of the AWS SDK: the schemas that its own clients write requests by.

/** An element of a document, without attributes. */
export interface ModelNode {
  readonly name: string;
  readonly children: readonly ModelNode[];
  readonly text: string;
}

const TOKEN = /<\?[^>]*\?>|<(\/?)([A-Za-z_][\w:.-]*)([^>]*?)(\/?)>|([^<]+)/y;

/** Reads a document. Throws `SyntaxError` for one that is not well-formed. */
export function readDocument(xml: string): ModelNode {
  const stack: { name: string; children: ModelNode[]; text: string }[] = [{ name: '', children: [], text: '' }];
  const close = (name: string): void => {
    const node = stack.pop();
    if (node?.name !== name || stack.length === 0) throw new SyntaxError(`</${name}> closes nothing`);
    stack.at(-1)?.children.push(node);
  };
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < xml.length) {
    const token = TOKEN.exec(xml);
    if (token === null) throw new SyntaxError('no XML');
    const [, end, name, , empty, text] = token;
    const parent = stack.at(-1);
    if (text !== undefined && parent !== undefined) parent.text += unescaped(text);
    else if (name !== undefined && end === '/') close(name);
    else if (name !== undefined) {
      stack.push({ name, children: [], text: '' });
      if (empty === '/') close(name);
    }
  }
  const [root] = stack[0]?.children ?? [];
  if (root === undefined || stack.length !== 1) throw new SyntaxError('the document does not end');
  return root;
}

/** The text of the element that is found by these names; undefined where there is none. */
export function textAt(node: ModelNode, ...names: readonly string[]): string | undefined {
  return nodeAt(node, ...names)?.text;
}

export function nodeAt(node: ModelNode, ...names: readonly string[]): ModelNode | undefined {
  return names.reduce<ModelNode | undefined>((at, name) => at?.children.find((child) => child.name === name), node);
}

/** Structures, lists and simple types as the SDK's schemas number them. */
const [STRUCTURE, LIST, UNION] = [3, 1, 4];
const [BOOLEAN, NUMBER, TIMESTAMP, LIST_OF, MAP_OF] = [2, 1, 4, 64, 128];

/**
 * What a document has against a schema: unknown and missing members, and texts of another type. Empty where it follows the model.
 * @param schema a `StaticSchema` of the SDK
 */
export function modelErrors(node: ModelNode, schema: unknown, path: string = node.name): string[] {
  const resolved = resolve(schema);
  if (typeof resolved === 'number') return simpleErrors(node, resolved, path);
  if (!Array.isArray(resolved)) return [];
  const [kind, , , , names, members, required = 0] = resolved as readonly unknown[];
  if (kind === LIST) return node.children.flatMap((child, at) => memberErrors(child, names, `${path}[${at}]`));
  if (kind !== STRUCTURE && kind !== UNION) return [];
  const known = names as readonly string[];
  const errors = node.children.flatMap((child) => {
    const at = known.indexOf(child.name);
    return at < 0
      ? [`${path} has no member ${child.name}`]
      : modelErrors(child, (members as readonly unknown[])[at], `${path}.${child.name}`);
  });
  const there = new Set(node.children.map(({ name }) => name));
  if (there.size !== node.children.length) errors.push(`${path} has a member twice`);
  for (const name of known.slice(0, required as number)) if (!there.has(name)) errors.push(`${path} lacks ${name}`);
  if (kind === UNION && there.size !== 1) errors.push(`${path} has not exactly one member`);
  return errors;
}

function memberErrors(node: ModelNode, schema: unknown, path: string): string[] {
  return node.name === 'member' ? modelErrors(node, schema, path) : [`${path} is ${node.name}, and no member`];
}

/** A schema is itself, a function that returns it, or one with traits. */
function resolve(schema: unknown): unknown {
  if (typeof schema === 'function') return resolve((schema as () => unknown)());
  if (Array.isArray(schema) && schema.length === 2 && typeof schema[0] !== 'string') return resolve(schema[0]);
  return schema;
}

function simpleErrors(node: ModelNode, type: number, path: string): string[] {
  if ((type & LIST_OF) !== 0 && (type & MAP_OF) === 0)
    return node.children.flatMap((child, at) => memberErrors(child, type & ~LIST_OF, `${path}[${at}]`));
  if ((type & MAP_OF) !== 0)
    return node.children.flatMap(({ name, children }) =>
      name === 'entry' && children.map((child) => child.name).join() === 'key,value' ? [] : [`${path} is no map`],
    );
  if (node.children.length > 0) return [`${path} is no text`];
  const { text } = node;
  if (type === BOOLEAN && !/^(?:true|false)$/.test(text)) return [`${path} is no boolean`];
  if (type === NUMBER && !/^-?\d+$/.test(text)) return [`${path} is no number`];
  if (type === TIMESTAMP && Number.isNaN(Date.parse(text))) return [`${path} is no time`];
  return [];
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function unescaped(text: string): string {
  return text
    .replaceAll(/&#x([0-9a-f]+);/gi, (_whole, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
}
