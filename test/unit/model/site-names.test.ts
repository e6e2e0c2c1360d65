import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isForPrograms } from '../../../src/model/site-names.js';

const YES =
  'robots.txt blog/robots.txt sitemap.xml Sitemap.XML sitemap-0.xml sitemap_index.xml sitemap.txt post-sitemap.xml news_sitemap.xml de.sitemap-1.xml feed.xml rss.xml atom.xml index.xml feed.json blog/rss.xml all.atom.xml main-feed.xml de-feed.json posts.rss blog.atom .well-known/assetlinks.json sub/.well-known/x.html apple-app-site-association';
const NO =
  'index.html sitemap.html sitemap/index.html newsfeed.xml data.xml feed/index.html sitemap.json well-known/x.json robots.txt.html feed.js format.xml';

test('sitemaps, feeds, robots.txt and what is below .well-known/ are for programs, and nothing else', () => {
  for (const path of YES.split(' ')) assert.equal(isForPrograms(path), true, path);
  for (const path of NO.split(' ')) assert.equal(isForPrograms(path), false, path);
});
