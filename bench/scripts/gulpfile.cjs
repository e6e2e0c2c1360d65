// Runs one of the scripts beside it as a task of the gulp command: its name and its arguments come in BENCH_SCRIPT.
const [script, ...args] = JSON.parse(process.env.BENCH_SCRIPT);
process.argv = [process.argv[0], script, ...args];
exports.default = () => import(script);
