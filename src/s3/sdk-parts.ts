// What needs the AWS SDK, loaded when it is first needed and then kept: another `import` would look for its files again, which this process may no longer
// be allowed to read, or which an update has replaced.

export const sdkSessions: () => Promise<typeof import('./sdk/session.js')> = once(() => import('./sdk/session.js'));
export const sdkBuckets: () => Promise<typeof import('./sdk/bucket.js')> = once(() => import('./sdk/bucket.js'));
export const sdkChains: () => Promise<typeof import('./sdk/credentials.js')> = once(
  () => import('./sdk/credentials.js'),
);
export const sdkConfigs: () => Promise<typeof import('./sdk/client.js')> = once(() => import('./sdk/client.js'));

/** Calls `make` at the first call, and gives its result to all; again where it has failed. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
