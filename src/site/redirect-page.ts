import { escapeHtml } from '../report/format.js';

/**
 * The HTML of a redirect, for servers that return the object as it is: a REST endpoint, or CloudFront with access control to one. Search engines
 * treat a refresh after 0 seconds as a permanent redirect.
 * @param link where to, as a page that lies where the object does can link to it
 * @see https://developers.google.com/search/docs/crawling-indexing/301-redirects#metarefresh
 */
export function redirectPage(link: string): string {
  const shown = escapeHtml(link);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Redirect</title>
<link rel="canonical" href="${shown}">
<meta http-equiv="refresh" content="0; url=${shown}">
</head>
<body>
<p>This page is at <a href="${shown}">${shown}</a>.</p>
</body>
</html>
`;
}
