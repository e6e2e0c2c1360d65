// A process that carries out one command line after the other, each by the built entry of the command as a process of its own would:
// loading the libraries takes longer than most runs. It is told what to run by messages.
import { pathToFileURL } from 'node:url';

const [, , entry, end] = process.argv;
const home = process.cwd();
let runs = 0;

// Its parent may end without a chance to end it, and what a command line has left open would keep it.
process.on('disconnect', () => process.exit());

process.on('message', async ({ argv, cwd, env }) => {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  process.chdir(cwd ?? home);
  process.argv = [process.argv[0], entry, ...argv];
  process.exitCode = undefined;
  const places = [
    [process, 'uncaughtException'],
    [process, 'SIGINT'],
    [process, 'SIGTERM'],
    [process.stdout, 'error'],
    [process.stderr, 'error'],
  ].map(([emitter, event]) => ({ emitter, event, before: emitter.listeners(event) }));
  // The entry alone is evaluated anew; what it imports stays.
  runs += 1;
  await import(`${pathToFileURL(entry)}?run=${runs}`);
  // What a process prints on its way out, such as warnings, comes before it is gone.
  await new Promise((done) => setImmediate(done));
  for (const { emitter, event, before } of places)
    for (const listener of emitter.listeners(event))
      if (!before.includes(listener)) emitter.removeListener(event, listener);
  const code = process.exitCode ?? 0;
  process.exitCode = undefined;
  process.chdir(home);
  process.stdout.write(`${end}${code}\n`);
  process.stderr.write(`${end}${code}\n`);
});
