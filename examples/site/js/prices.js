// Whole pence all the way, so that no sum is ever off by one. The arithmetic is in wasm/price.wasm: add(a, b) and times(a, b).

/** Loads the arithmetic. Works only if the server sends the file as application/wasm. */
export const loadPrices = async (site) => {
  const { instance } = await WebAssembly.instantiateStreaming(fetch(new URL('wasm/price.wasm', site)));
  return instance.exports;
};

export const formatPounds = (pence) => `£${Math.floor(pence / 100)}.${String(pence % 100).padStart(2, '0')}`;
