// The documentation site: `npm run docs:site`. Its list of pages is that of docs/README.md.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { defineConfig } from 'vitepress';
import { githubSlug, INDEX_PAGE, readDocsIndex } from '../../scripts/docs-index.js';
import { adaptMarkdown } from './markdown.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const { description, homepage, name } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as Readonly<
  Record<'description' | 'homepage' | 'name', string>
>;
const REPOSITORY = homepage.replace(/#.*$/, '');
const groups = readDocsIndex(path.join(ROOT, 'docs'));
const faces = groups[0]?.pages ?? [];
const titles = new Map(groups.flatMap(({ pages }) => pages.map(({ file, title }) => [file, title] as const)));

const address = (file: string): string => `/${file.replace(/\.md$/, '.html')}`;
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#3451b2"/><path d="M8 25V12m-4 4 4-4 4 4m4 9V8m-4 4 4-4 4 4m4 13V12m-4 4 4-4 4 4" fill="none" stroke="#fff" stroke-width="2.4"/></svg>';

export default defineConfig({
  title: name,
  description,
  lang: 'en',
  outDir: path.join(ROOT, 'dist/docs-site'),
  cacheDir: path.join(ROOT, 'node_modules/.vite/docs'),
  rewrites: { [INDEX_PAGE]: 'index.md' },
  // The site loads nothing from other hosts: fonts are the system's.
  useWebFonts: false,
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(ICON)}` }]],
  ignoreDeadLinks: false,
  // The same pages give the same bytes: in the search index pages stand in one order, and code is coloured to its end on a busy machine too.
  buildConcurrency: 1,
  // Pages stay equal, and small, when only the list of pages changes.
  metaChunk: true,
  markdown: {
    anchor: { slugify: githubSlug },
    codeTransformers: [
      {
        name: 'no-time-limit',
        preprocess: (_code, options) => {
          options.tokenizeTimeLimit = 0;
        },
      },
    ],
    // Addresses of examples are no links.
    linkify: false,
    config: (md) => adaptMarkdown(md, { root: ROOT, repository: REPOSITORY, titles }),
  },
  transformPageData: ({ relativePath }) => {
    if (relativePath !== 'index.md') return;
    const actions = faces.map(({ file, title }, index) => ({
      theme: index === 0 ? 'brand' : 'alt',
      text: title.replace(/^The /, '').replace(/^./, (first) => first.toUpperCase()),
      link: address(file),
    }));
    return { frontmatter: { layout: 'home', hero: { name, tagline: description, actions } } };
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: { level: [2, 3] },
    socialLinks: [{ icon: 'github', link: REPOSITORY, ariaLabel: 'The repository' }],
    sidebar: groups.map(({ title, pages }) => ({
      text: title,
      items: pages.map((page) => ({ text: page.title, link: address(page.file) })),
    })),
  },
});
