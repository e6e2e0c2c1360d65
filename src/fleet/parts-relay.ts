import type { AroundParts } from '../transfer/multipart/types.js';

/** Lets the batches that share a run of the engine each have their own way to send the parts of large objects. */
export interface PartsRelay {
  /**
   * A batch is being done, until the result is called.
   * @param run name of the run of the engine
   * @param keys in the destination
   */
  add(run: string, keys: readonly string[], around: AroundParts): () => void;
  /** What a run of the engine does with parts. */
  of(run: string): AroundParts;
}

export function partsRelay(): PartsRelay {
  const batches = new Set<{ readonly run: string; readonly keys: readonly string[]; readonly around: AroundParts }>();

  return {
    add(run, keys, around) {
      const batch = { run, keys, around };
      batches.add(batch);
      return () => void batches.delete(batch);
    },
    of: (name) => (send, run) => (object, upload, meter, parts) => {
      // Objects are sent in parts seldom enough that batches can be searched.
      for (const { run: other, keys, around } of batches)
        if (other === name && keys.includes(object.key)) return around(send, run)(object, upload, meter, parts);
      return send(object, upload, meter, parts);
    },
  };
}
