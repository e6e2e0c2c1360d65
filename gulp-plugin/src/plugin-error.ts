import PluginError from 'plugin-error';

export const PLUGIN = 'gulp-s3-parallel-put';

/** One file that was not put. */
export interface FileFailure {
  /** Its path on this machine. */
  readonly fileName: string;
  readonly key: string;
  readonly message: string;
  /** Of S3 or the system, where there is one. */
  readonly code: string | undefined;
  /** How to mend it, where that is known. */
  readonly hint: string | undefined;
}

/** An error of this plugin, with every file that failed. */
export interface S3PutError extends PluginError {
  readonly failures: readonly FileFailure[];
}

/** Files that a message lists. */
const LISTED = 10;

/** What ended a stream, as gulp shows it: without a stack, because nobody has to read code to mend it. */
export function pluginError(error: unknown, failures: readonly FileFailure[] = []): S3PutError {
  const message = error instanceof Error ? withHint(error) : String(error);
  return made(failures.length === 0 ? message : `${message}\n${listed(failures)}`, failures);
}

/** The one error of files that failed while the others were put. */
export function failuresError(failures: readonly FileFailure[], files: number): S3PutError {
  return made(`${failures.length} of ${files} files failed:\n${listed(failures)}`, failures);
}

function made(message: string, failures: readonly FileFailure[]): S3PutError {
  const fileName = failures[0]?.fileName;
  const options = { showStack: false, showProperties: false, ...(fileName !== undefined && { fileName }) };
  return Object.assign(new PluginError(PLUGIN, message, options), { failures });
}

function listed(failures: readonly FileFailure[]): string {
  const lines = failures.slice(0, LISTED).map(({ fileName, message, hint }) => {
    const line = `  ${fileName}: ${message}`;
    return hint === undefined ? line : `${line}\n    ${hint}`;
  });
  const more = failures.length - lines.length;
  return [...lines, ...(more > 0 ? [`  … and ${more} more`] : [])].join('\n');
}

function withHint(error: Error): string {
  const hint = (error as { readonly hint?: unknown }).hint;
  return typeof hint === 'string' ? `${error.message}\n  ${hint}` : error.message;
}
