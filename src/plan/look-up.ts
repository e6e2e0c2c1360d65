import { S3RequestError } from '../errors.js';
import { compareKeys } from '../key.js';
import { indexListing } from './index-listing.js';
import { type ListPageOf, UnorderedListingError } from './listing.js';
import { type Lookup, mergeListing } from './merge-listing.js';

export interface LookUpOptions {
  readonly list: ListPageOf;
  /** Prefix of the listing. It tells nothing of other keys, as `absoluteKey` can give: each needs a HEAD. */
  readonly prefix: string;
  /** The keys should come in UTF-8 byte order. Those of another bucket do not where its server lists otherwise, which is noticed. */
  readonly ordered: boolean;
  readonly entries: number | undefined;
  readonly warn: (code: string, message: string) => void;
}

/**
 * What is remote, key by key, from the fewest requests: a merge of the listing for keys in order, an index of it for others, and HEADs
 * (`ask`) where listing is denied or too long. Existence is never asked twice.
 */
export function lookUp({ list, prefix, ordered, entries, warn }: LookUpOptions): (key: string) => Promise<Lookup> {
  let look: Look | undefined = ordered ? inOrder(mergeListing(list, prefix, entries)) : undefined;

  return async function next(key): Promise<Lookup> {
    if (!key.startsWith(prefix)) return { state: 'ask' };
    try {
      look ??= await indexListing(list);
      return await look(key);
    } catch (error) {
      if (error instanceof UnorderedListingError) {
        warn(
          'unordered-listing',
          'This server does not list keys in UTF-8 byte order; the whole listing is read before anything is compared.',
        );
        look = undefined;
        return next(key);
      }
      if (!(error instanceof S3RequestError) || error.code !== 'AccessDenied') throw error;
      warn('list-denied', `Listing "${error.bucket}" is denied (s3:ListBucket); every key is asked by a HEAD instead.`);
      look = () => ({ state: 'ask' });
      return next(key);
    }
  };
}

/** A lookup that wants ascending keys. Throws `UnorderedListingError` at one that is not. */
function inOrder(look: Look): Look {
  let last: string | undefined;
  return (key) => {
    if (last !== undefined && compareKeys(key, last) <= 0)
      throw new UnorderedListingError(`the source gives "${key}" out of order`);
    last = key;
    return look(key);
  };
}

type Look = (key: string) => Lookup | Promise<Lookup>;
