/** A rectangle, in whatever units its user has. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Divides a box into boxes whose areas are in proportion to their weights, and which are as close to squares as rows and columns allow. The weights are
 * above zero and in falling order; so are the boxes.
 * @see Bruls, Huizing, van Wijk: Squarified Treemaps, https://www.win.tue.nl/~vanwijk/stm.pdf
 */
export function squarify(weights: readonly number[], box: Box): readonly Box[] {
  const boxes: Box[] = [];
  let { x, y, width, height } = box;
  let rest = weights.reduce((sum, weight) => sum + weight, 0);
  let start = 0;
  while (start < weights.length) {
    const side = Math.min(width, height);
    const scale = rest > 0 ? (width * height) / rest : 0;
    let end = start + 1;
    let row = weights[start] ?? 0;
    while (end < weights.length) {
      const longer = row + (weights[end] ?? 0);
      const first = weights[start] ?? 0;
      if (worst(first, weights[end] ?? 0, longer, side, scale) > worst(first, weights[end - 1] ?? 0, row, side, scale))
        break;
      row = longer;
      end += 1;
    }
    const isColumn = width >= height;
    const thickness = side > 0 ? (row * scale) / side : 0;
    let along = isColumn ? y : x;
    for (const weight of weights.slice(start, end)) {
      const length = row > 0 ? (side * weight) / row : 0;
      boxes.push(
        isColumn
          ? { x, y: along, width: thickness, height: length }
          : { x: along, y, width: length, height: thickness },
      );
      along += length;
    }
    if (isColumn) {
      x += thickness;
      width = Math.max(0, width - thickness);
    } else {
      y += thickness;
      height = Math.max(0, height - thickness);
    }
    rest -= row;
    start = end;
  }
  return boxes;
}

/** The most oblong box of a row: the ratio of its sides, at least 1. */
function worst(largest: number, smallest: number, row: number, side: number, scale: number): number {
  const [area, square] = [row * scale, side * side];
  return Math.max((square * largest * scale) / (area * area), (area * area) / (square * smallest * scale));
}
