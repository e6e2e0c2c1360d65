/**
 * Names of what programs read as it is, because they know its address: crawlers and feed readers. A CDN or a browser may rewrite or decode pages;
 * these clients may not.
 */
export const FOR_CRAWLERS: RegExp =
  /^(?:.*[-_.])?sitemap.*\.(?:xml|txt)$|^(?:.*[-_.])?(?:feed|rss|atom)\.xml$|^index\.xml$|^(?:.*[-_.])?feed\.json$|\.(?:rss|atom)$|^robots\.txt$/i;

/** Paths below `.well-known/`, in any folder. https://www.rfc-editor.org/rfc/rfc8615 */
export const WELL_KNOWN: RegExp = /(?:^|\/)\.well-known\//;

/** Whether a path is one of these. @param path with `/` */
export function isForPrograms(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return FOR_CRAWLERS.test(name) || WELL_KNOWN.test(path) || name === 'apple-app-site-association';
}
