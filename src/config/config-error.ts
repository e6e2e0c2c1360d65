import { UsageError } from '../errors.js';
import type { Text } from '../report/message.js';

/** An error in a file of options. Its message begins with file, line and column, and names options as the file does. */
export class ConfigError extends UsageError {
  constructor(file: string, { line, column }: TextPosition, message: string, hint: Text | undefined) {
    super(`${file}:${line}:${column}: ${message}`, hint);
  }
}

/** A position in a file; both numbers start at 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}
