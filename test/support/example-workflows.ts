import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

// The example workflows, as far as the tests need to run their steps: matrices, and the expressions that stand in inputs.

const FOLDER = path.resolve(import.meta.dirname, '../../examples/workflows');

/** Whether a step's `uses:` is this Action, as its users name it. */
export const isThisAction = (uses: unknown): boolean => `${uses}`.startsWith('org/s3-parallel-put@v');

/** A step that uses this Action, with its inputs as the runner gives them. */
export interface ExampleStep {
  /** Its file, job and place, and the values of the matrix: `app.yml, job deploy, step 5`. */
  readonly name: string;
  readonly inputs: Readonly<Record<string, string>>;
}

/** Values of expressions by what they name, such as `vars.ACCOUNT`. */
export type Contexts = Readonly<Record<string, string>>;

type Tree = Readonly<Record<string, unknown>>;

export const exampleNames = (): readonly string[] => readdirSync(FOLDER).sort();

/**
 * The steps of an example that use this Action, in their order.
 * @throws Error for an expression that neither the file nor `contexts` defines
 */
export function exampleSteps(file: string, contexts: Contexts): readonly ExampleStep[] {
  const workflow = treeOf(parse(readFileSync(path.join(FOLDER, file), 'utf8')));
  return Object.entries(treeOf(workflow.jobs)).flatMap(([id, value]) => {
    const job = treeOf(value);
    return matrixOf(job).flatMap((matrix) => {
      const known = { ...contexts, ...named('env', treeOf(workflow.env)), ...named('matrix', matrix) };
      return listOf(job.steps).flatMap((step, index) =>
        isThisAction(step.uses)
          ? [
              {
                name: [`${file}, job ${id}`, ...Object.values(matrix), `step ${index + 1}`].join(', '),
                inputs: Object.fromEntries(
                  Object.entries(treeOf(step.with)).map(([name, text]) => [name, resolve(`${text}`, known)]),
                ),
              },
            ]
          : [],
      );
    });
  });
}

/** A job runs once for each member of `matrix.include`, or for each value of the one list of its matrix. */
function matrixOf(job: Tree): readonly Tree[] {
  const { include, ...lists } = treeOf(treeOf(job.strategy).matrix);
  const members = listOf(include);
  if (members.length > 0) return members;
  const [[name, values] = ['', [undefined]]] = Object.entries(lists);
  return Array.isArray(values) ? values.map((value: unknown) => (name === '' ? {} : { [name]: value })) : [{}];
}

/** Replaces `${{ a.b }}` and `${{ a.b || c }}`; of alternatives the first that is neither empty nor false counts. */
function resolve(text: string, contexts: Contexts): string {
  return text.replaceAll(/\$\{\{(.*?)\}\}/g, (_whole, expression: string) => {
    const values = expression.split('||').map((term) => valueOfTerm(term.trim(), contexts));
    return values.find((value) => value !== '' && value !== 'false') ?? values.at(-1) ?? '';
  });
}

function valueOfTerm(term: string, contexts: Contexts): string {
  if (term === 'true' || term === 'false') return term;
  const value = contexts[term];
  if (value === undefined) throw new Error(`No value for the expression ${term}.`);
  return value;
}

const named = (context: string, values: Tree): Contexts =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${context}.${name}`, `${value}`]));

const treeOf = (value: unknown): Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : {};

const listOf = (value: unknown): readonly Tree[] => (Array.isArray(value) ? value.map(treeOf) : []);
