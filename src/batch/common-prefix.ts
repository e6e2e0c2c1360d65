/** The longest text that all keys begin with. It ends with a whole character. */
export function commonPrefix(keys: Iterable<string>): string {
  let common: string | undefined;
  for (const key of keys) {
    if (common === undefined) {
      common = key;
      continue;
    }
    let at = 0;
    while (at < common.length && common[at] === key[at]) at += 1;
    if (at < common.length) common = common.slice(0, at);
    if (common === '') return '';
  }
  // Half of a surrogate pair is no character.
  return (common ?? '').replace(/[\ud800-\udbff]$/, '');
}
