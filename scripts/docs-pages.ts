import { errorCodesPage } from './docs-errors.js';
import { optionsPage } from './docs-options.js';

/** The pages that are made from tables, by their file. */
export const GENERATED_PAGES: readonly { readonly file: string; readonly text: () => string }[] = [
  { file: 'docs/options.md', text: optionsPage },
  { file: 'docs/error-codes.md', text: errorCodesPage },
];
