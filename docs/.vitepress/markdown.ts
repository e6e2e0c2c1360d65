import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import type { MarkdownRenderer } from 'vitepress';

/** What the site changes in pages that are written for GitHub. */
export interface MarkdownSite {
  /** The folder of the repository. */
  readonly root: string;
  /** Its address, without a slash at the end. */
  readonly repository: string;
  /** Titles of pages by their path from docs/. */
  readonly titles: ReadonlyMap<string, string>;
}

/**
 * Makes the links that GitHub follows work on the site too: a link out of docs/ goes to the repository, one to docs/README.md to the home page.
 * A link whose text is the name of a page gets the title of the page. Code without spaces gets the class `name`.
 */
export function adaptMarkdown(md: MarkdownRenderer, site: MarkdownSite): void {
  md.core.ruler.push('repository-pages', ({ env, tokens }) => {
    const from = path.relative(site.root, env.realPath ?? env.path).replaceAll('\\', '/');
    for (const { children } of tokens)
      for (const [index, token] of (children ?? []).entries()) {
        if (token.type === 'code_inline' && /^\S{1,40}$/.test(token.content)) token.attrJoin('class', 'name');
        const href = token.type === 'link_open' ? token.attrGet('href') : null;
        if (href === null) continue;
        token.attrSet('href', siteAddress(site, from, href));
        const text = children?.[index + 1];
        if (text?.type === 'text' && text.content === href) text.content = site.titles.get(href) ?? href;
      }
  });
}

/** @param from the page's path from the root of the repository */
function siteAddress({ repository, root }: MarkdownSite, from: string, href: string): string {
  if (/^(?:[a-z][a-z\d+.-]*:|#|\/)/i.test(href)) return href;
  const [, name = '', hash = ''] = /^([^#]*)(#.*)?$/.exec(href) ?? [];
  const target = path.posix.join(path.posix.dirname(from), decodeURI(name));
  if (target === 'docs/README.md') return `/index.md${hash}`;
  if (target.startsWith('docs/')) return href;
  if (!existsSync(path.join(root, target))) throw new Error(`${from} links to ${href}: there is no ${target}.`);
  const kind = statSync(path.join(root, target)).isDirectory() ? 'tree' : 'blob';
  return `${repository}/${kind}/main/${encodeURI(target)}${hash}`;
}
