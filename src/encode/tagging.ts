import { UsageError } from '../errors.js';

/** S3's limits on the tags of an object; lengths are in UTF-16 units, as S3 counts them. */
const MAX_TAGS = 10;
const MAX_KEY = 128;
const MAX_VALUE = 256;

/**
 * Object tags as the value of `x-amz-tagging`; undefined where there are none.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
 * @throws UsageError for tags that S3 cannot take
 */
export function taggingHeader(tags: Readonly<Record<string, string>>): string | undefined {
  if (typeof tags !== 'object' || tags === null || Array.isArray(tags))
    throw new UsageError(`tagging is ${JSON.stringify(tags)}.`, 'Give an object of tags, such as { team: "docs" }.');
  const entries = Object.entries(tags);
  if (entries.length > MAX_TAGS)
    throw new UsageError(`tagging has ${entries.length} tags; S3 takes at most ${MAX_TAGS} on an object.`);
  for (const [key, value] of entries) {
    if (key === '') throw new UsageError('A tag has no key.', 'Write it as key=value.');
    checkText('key', key, key, MAX_KEY);
    checkText('value', key, value, MAX_VALUE);
    if (/^aws:/i.test(key))
      throw new UsageError(
        `The tag ${JSON.stringify(key)} cannot be given.`,
        'Keys that begin with "aws:" are AWS’s own.',
      );
  }
  if (entries.length === 0) return undefined;
  return entries.map((tag) => tag.map(encodeURIComponent).join('=')).join('&');
}

/** Tags that an object has already, as a header: what they may be is for the server to say. Undefined where there are none. */
export function keptTags(tags: Readonly<Record<string, string>>): string | undefined {
  // Those that AWS gave itself cannot be given.
  const own = Object.entries(tags).filter(([key]) => !/^aws:/i.test(key));
  if (own.length === 0) return undefined;
  return own.map((tag) => tag.map(encodeURIComponent).join('=')).join('&');
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_S3Tag.html for the characters */
function checkText(what: 'key' | 'value', key: string, text: string, longest: number): void {
  const tag = `The ${what} of the tag ${JSON.stringify(key.slice(0, MAX_KEY))}`;
  if (typeof text !== 'string') throw new UsageError(`${tag} is ${typeof text}, not text.`, 'Write it as a string.');
  if (text.length > longest) throw new UsageError(`${tag} has ${text.length} characters; S3 takes at most ${longest}.`);
  const odd = /[^\p{L}\p{Z}\p{N}_.:/=+\-@]/u.exec(text)?.[0];
  if (odd === undefined) return;
  throw new UsageError(
    `${tag} holds ${JSON.stringify(odd)}.`,
    'Tags take letters, digits, spaces and + - = . _ : / @ only.',
  );
}
