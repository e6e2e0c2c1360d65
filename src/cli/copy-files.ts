import { parseCopyKey } from '../config/key-list.js';
import type { CopyOptions } from '../options/types.js';
import type { ParsedCopy } from './copy.js';
import { readListFile } from './list-file.js';
import { readS3cfg, type S3cfg } from './s3cfg.js';

/** The options of a copy with the content of its files; throws `UsageError` for a file that cannot be read. */
export async function withFileContents(
  { options, files, settings }: Pick<ParsedCopy, 'options' | 'files' | 'settings'>,
  stdin: AsyncIterable<Buffer>,
): Promise<CopyOptions> {
  const list = async (name: 'keysFile' | 'prefixesFile'): Promise<readonly string[]> => {
    const file = files[name];
    return file === undefined ? [] : readListFile(settings, name, file, stdin);
  };
  const cfg = (file: string | undefined): S3cfg | undefined =>
    file === undefined ? undefined : readS3cfg(file, options.secure);
  const [both, dest] = [cfg(files.s3cfg), cfg(files.destS3cfg)];
  const key = [...toList(options.key), ...(await list('keysFile')).map(parseCopyKey)];
  const fromPrefix = [...toList(options.fromPrefix), ...(await list('prefixesFile'))];
  return {
    ...withAccounts(options, both, dest),
    ...((options.key !== undefined || files.keysFile !== undefined) && { key }),
    ...((options.fromPrefix !== undefined || files.prefixesFile !== undefined) && { fromPrefix }),
  };
}

function toList<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as T];
}

/** Fills in options from files of s3cmd: every option overrides `both`, and those of the destination override `dest`. @internal */
export function withAccounts(options: CopyOptions, both: S3cfg | undefined, dest: S3cfg | undefined): CopyOptions {
  if (both === undefined && dest === undefined) return options;
  const { endpointUrl, region, profile, ...rest } = options;
  const common = {
    endpointUrl: endpointUrl ?? both?.endpointUrl,
    region: region ?? both?.region,
    profile,
    proxy: options.proxy ?? both?.proxy,
    forcePathStyle: options.forcePathStyle ?? pathStyle(options, both, dest),
  };
  if (dest === undefined) {
    const credentials = both?.credentials;
    // A profile of the destination is another account, so the file's credentials are for the source only.
    return withoutUndefined({
      ...rest,
      ...common,
      [options.destProfile === undefined ? 'credentials' : 'sourceCredentials']: credentials,
    });
  }
  const { proxy, forcePathStyle } = common;
  return withoutUndefined({
    ...rest,
    proxy,
    forcePathStyle,
    sourceEndpointUrl: options.sourceEndpointUrl ?? common.endpointUrl,
    sourceRegion: options.sourceRegion ?? common.region,
    sourceProfile: options.sourceProfile ?? profile,
    sourceCredentials: both?.credentials,
    destEndpointUrl: options.destEndpointUrl ?? dest.endpointUrl,
    destRegion: options.destRegion ?? dest.region ?? region,
    destCredentials: dest.credentials,
  });
}

/** The option applies to both sides, so it is set only if neither side has an endpoint of its own. */
function pathStyle(options: CopyOptions, both: S3cfg | undefined, dest: S3cfg | undefined): boolean | undefined {
  const { sourceEndpointUrl, destEndpointUrl, endpointUrl } = options;
  if ([sourceEndpointUrl, destEndpointUrl, endpointUrl].some((own) => own !== undefined)) return undefined;
  if (dest === undefined) return both?.pathStyle;
  return both?.pathStyle === dest.pathStyle ? dest.pathStyle : undefined;
}

/** The options without undefined values. */
function withoutUndefined(options: CopyOptions): CopyOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as unknown as CopyOptions;
}
