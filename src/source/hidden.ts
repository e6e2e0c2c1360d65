const JUNK = /(?:^|\/)(?:\.git|\.svn|\.hg|\.DS_Store|Thumbs\.db|desktop\.ini|\._[^/]*)(?:\/|$)/;
const HIDDEN = /(?:^|\/)\./;

/** Is the file or directory, or a directory above it, version control's or the desktop's own (`.git`, `.DS_Store`, `._*` …)? */
export function isJunk(relativePath: string): boolean {
  return JUNK.test(relativePath);
}

/** Does its base name, or that of a directory above it, begin with a dot? */
export function isHidden(relativePath: string): boolean {
  return HIDDEN.test(relativePath);
}
