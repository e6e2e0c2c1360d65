import { configSettings } from '../settings/config-file.js';
import type { Settings } from '../settings/layers.js';
import type { ActionCommand } from './own-inputs.js';

/** The options of the file that a step names. Throws `ConfigError`. */
export function configInput(file: string, command: ActionCommand): Settings {
  const settings = configSettings(file);
  refuseForeign(settings);
  return command === 'copy' ? withoutPlaces(settings) : settings;
}

/** The places of a file are those of a put. */
function withoutPlaces(settings: Settings): Settings {
  return new Map([...settings].filter(([name]) => !PLACES.has(name)));
}

const PLACES: ReadonlySet<string> = new Set(['source', 'bucket', 'prefix']);

/** What a run by an Action has instead of options that only the command line has. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['check', 'Use dryRun: true, and look at the counts of the outputs.'],
  ['ignoreSmallFiles', 'Use minSize.'],
  ['s3cfg', 'Use profile, or the inputs for credentials.'],
  ['destS3cfg', 'Use destProfile, or the inputs for credentials.'],
]);

/** A file may be the command line's too: what shapes its output is silent here, but nothing that would change what is done. */
function refuseForeign(settings: Settings): void {
  for (const [name, { value, refused }] of settings) {
    const instead = INSTEAD.get(name);
    if (instead === undefined || value === false || refused === undefined) continue;
    throw refused([], `The option "${name}" is not for an Action.`, instead);
  }
}
