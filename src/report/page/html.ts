import { escapeHtml, visible } from '../format.js';

/** HTML that is safe to be part of a page. Only `html` makes it, so that no text gets into a page unescaped. */
export interface Html {
  readonly html: string;
}

/** What a template takes: texts are escaped, HTML is not, and undefined is nothing. */
export type Part = string | number | undefined | Html | readonly Html[];

/**
 * Makes HTML: `` html`<td>${name}</td>` ``. Texts are safe between tags and in quoted attributes; invisible characters and marks of direction are
 * shown as escapes, so that no name looks like another one.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let text = strings[0] ?? '';
  for (const [index, part] of parts.entries()) text += textOf(part) + (strings[index + 1] ?? '');
  return { html: text };
}

/** HTML that this package holds as a text: its own style and script. */
export function trusted(text: string): Html {
  return { html: text };
}

export const NOTHING: Html = { html: '' };

/** Most texts hold nothing else. */
const PLAIN = /^[\w ./:;,()=+@-]*$/;

function textOf(part: Part): string {
  if (part === undefined) return '';
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string') return PLAIN.test(part) ? part : escapeHtml(visible(part));
  if ('html' in part) return part.html;
  let all = '';
  for (const one of part) all += one.html;
  return all;
}

/** A link to a web page; the text alone where the address is none, such as `javascript:`. */
export function link(address: string | undefined, text: string): Html {
  const url = webAddress(address);
  return url === undefined ? html`${text}` : html`<a href="${url}" rel="noreferrer noopener">${text}</a>`;
}

/** The address of a web page, without user and password; undefined where the text is none. */
export function webAddress(text: string | undefined): string | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
  url.username = '';
  url.password = '';
  return url.href;
}
