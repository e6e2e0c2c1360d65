/** Values of the options by the names of their rows; what was not given is absent. */
export type Values = Readonly<Record<string, unknown>>;

/** The values that the engine takes; what a face alone knows is left out. */
export function engineOptions(values: Values, names: ReadonlySet<string>): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.has(name)));
}
