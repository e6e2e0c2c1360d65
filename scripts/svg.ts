/** Escapes a text for XML, as text and inside quotes; control characters, which XML 1.0 does not have, become U+FFFD. */
export function xmlText(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML does not have.
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '\uFFFD')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  );
}

/** Colours by name, for a light and for a dark page. */
export type Palette = Readonly<Record<string, readonly [light: string, dark: string]>>;

export interface Drawing {
  /** What the picture shows, for those who cannot see it. */
  readonly title: string;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** `var(--name)` is the colour of that name; `back` and `border` are those of the frame. */
  readonly palette: Palette;
  readonly css: string;
  /** Elements of SVG. */
  readonly body: string;
}

/** A whole SVG file: the body in a frame with round corners, whose colours follow the reader's choice of light or dark. */
export function svgFile({ title, width, height, palette, css, body }: Drawing): string {
  const colours = (which: 0 | 1): string =>
    Object.entries(palette)
      .map(([name, pair]) => `--${name}:${pair[which]}`)
      .join(';');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${xmlText(title)}</title>
<style>
svg{${colours(0)}}
@media (prefers-color-scheme:dark){svg{${colours(1)}}}
${css.trim()}
</style>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" style="fill:var(--back);stroke:var(--border)"/>
${body.trim()}
</svg>
`;
}
