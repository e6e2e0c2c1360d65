export const XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';
export const XML_NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

// Control characters become references that XML 1.0 forbids, as in S3's answers: only encoding-type=url carries them.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must be found
const SPECIAL = /[&<>"\u0000-\u0008\u000b-\u001f\ufffe\uffff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const EACH_SPECIAL = /[&<>"\u0000-\u0008\u000b-\u001f\ufffe\uffff]/g;

const NAMED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
};

export function escapeXml(text: string): string {
  if (!SPECIAL.test(text)) return text;
  return text.replace(EACH_SPECIAL, (c) => NAMED[c] ?? `&#x${c.charCodeAt(0).toString(16)};`);
}

export function element(name: string, value: string | number | boolean): string {
  return `<${name}>${escapeXml(String(value))}</${name}>`;
}
