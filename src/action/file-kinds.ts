/** A kind of file, as people who build sites know it. */
export interface FileKind {
  /** As a row of a table names it. */
  readonly title: string;
  readonly one: string;
  readonly many: string;
  /** Endings of names, in lower case and without the dot. */
  readonly endings: readonly string[];
}

const OTHER: FileKind = { title: 'Other', one: 'file', many: 'files', endings: [] };

/** All kinds, in the order of tables; the last one takes what no other does. */
export const FILE_KINDS: readonly FileKind[] = [
  { title: 'Pages', one: 'page', many: 'pages', endings: ['html', 'htm', 'xhtml'] },
  { title: 'Scripts', one: 'script', many: 'scripts', endings: ['js', 'mjs', 'cjs', 'wasm'] },
  { title: 'Styles', one: 'style', many: 'styles', endings: ['css'] },
  {
    title: 'Images',
    one: 'image',
    many: 'images',
    endings: ['png', 'jpg', 'jpeg', 'gif', 'svg', 'webp', 'avif', 'ico', 'bmp', 'tif', 'tiff', 'heic'],
  },
  { title: 'Fonts', one: 'font', many: 'fonts', endings: ['woff2', 'woff', 'ttf', 'otf', 'eot'] },
  {
    title: 'Video and audio',
    one: 'recording',
    many: 'recordings',
    endings: ['mp4', 'webm', 'mov', 'm4v', 'm3u8', 'mp3', 'm4a', 'ogg', 'wav', 'flac', 'vtt'],
  },
  {
    title: 'Data',
    one: 'data file',
    many: 'data files',
    endings: ['json', 'xml', 'txt', 'csv', 'tsv', 'yaml', 'yml', 'geojson', 'webmanifest', 'rss', 'atom'],
  },
  { title: 'Documents', one: 'document', many: 'documents', endings: ['pdf', 'md', 'epub', 'docx', 'xlsx', 'pptx'] },
  { title: 'Source maps', one: 'source map', many: 'source maps', endings: ['map'] },
  OTHER,
];

const BY_ENDING: ReadonlyMap<string, FileKind> = new Map(
  FILE_KINDS.flatMap((kind) => kind.endings.map((ending) => [ending, kind] as const)),
);
/** Endings of compressed copies that servers send in the place of a file: `app.js.br` is a script. */
const COMPRESSED: ReadonlySet<string> = new Set(['gz', 'br', 'zst']);

/** The kind of a file, by the ending of its key alone. */
export function kindOf(key: string): FileKind {
  const name = key.slice(key.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  if (dot < 0) return OTHER;
  const ending = name.slice(dot + 1).toLowerCase();
  if (!COMPRESSED.has(ending)) return BY_ENDING.get(ending) ?? OTHER;
  const inner = name.slice(name.lastIndexOf('.', dot - 1) + 1, dot).toLowerCase();
  return BY_ENDING.get(inner) ?? OTHER;
}
