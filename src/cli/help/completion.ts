import type { OptionRow } from '../../options/row.js';
import { CLI_FLAGS } from '../../options/table.js';
import { hasNegation, isSwitch } from '../argv.js';
import { COMMAND_NAMES, COMMANDS } from '../commands.js';
import { SHELLS, type Shell } from '../parse.js';

const NAME = 's3-parallel-put';

type FlagRow = OptionRow & { readonly flag: string };

/** Spellings that take a value, without dashes. */
function flagsWithValue(row: FlagRow): readonly string[] {
  return isSwitch(row) ? [] : [row.flag, ...(row.aliases ?? [])];
}

/** Spellings that take no value, without dashes. */
function flagsWithoutValue(row: FlagRow): readonly string[] {
  const own = isSwitch(row) ? [row.flag, ...(row.aliases ?? [])] : [];
  const negated = hasNegation(row) ? own.map((name) => `no-${name}`) : [];
  return [...own, ...Object.keys(row.shorthands ?? {}), ...negated];
}

function valueWords(row: FlagRow): readonly string[] {
  return row.name === 'command' ? COMMAND_NAMES : (row.choices ?? []);
}

/** The script with which a shell completes commands, flags, their values and file names. */
export function completionScript(shell: Shell): string {
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell]();
}

function bashScript(): string {
  const cases = CLI_FLAGS.filter((row) => !isSwitch(row)).map((row) => {
    const pattern = flagsWithValue(row)
      .map((name) => `--${name}`)
      .join('|');
    if (row.type === 'file') return `    ${pattern}) _s3_parallel_put_files; return ;;`;
    return `    ${pattern}) _s3_parallel_put_words '${valueWords(row).join(' ')}'; return ;;`;
  });
  const flags = CLI_FLAGS.flatMap((row) => [
    ...(row.short === undefined ? [] : [`-${row.short}`]),
    ...[...flagsWithValue(row), ...flagsWithoutValue(row)].map((name) => `--${name}`),
  ]);
  return `# ${NAME} completion for bash: eval "$(${NAME} completion bash)"
_s3_parallel_put_words() {
  local word
  COMPREPLY=()
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$1" -- "$cur")
}
_s3_parallel_put_files() {
  local word
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$cur")
}
_s3_parallel_put() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  # bash splits --flag=value at the equals sign.
  if [[ $cur == '=' ]]; then cur=''
  elif [[ $prev == '=' ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  COMPREPLY=()
  case $prev in
${cases.join('\n')}
  esac
  if [[ $cur == -* ]]; then
    _s3_parallel_put_words '${flags.join(' ')}'
    return
  fi
  if (( COMP_CWORD == 1 )); then _s3_parallel_put_words '${COMMAND_NAMES.join(' ')}'
  elif (( COMP_CWORD == 2 )) && [[ $prev == completion ]]; then _s3_parallel_put_words '${SHELLS.join(' ')}'; return; fi
  _s3_parallel_put_files
}
complete -o filenames -F _s3_parallel_put ${NAME}
`;
}

function zshScript(): string {
  const specs = CLI_FLAGS.flatMap((row) => {
    const repeat = ['globs', 'headers', 'pairs', 'texts'].includes(row.type) ? '*' : '';
    const help = zshText(firstSentence(row));
    const known = valueWords(row).length === 0 ? '' : `(${valueWords(row).map(zshText).join(' ')})`;
    const action = row.type === 'file' ? '_files' : known;
    const short = row.short === undefined ? [] : [`'-${row.short}[${help}]'`];
    return [
      ...short,
      ...flagsWithValue(row).map(
        (name) => `'${repeat}--${name}=[${help}]:${zshText(row.value ?? row.name)}:${action}'`,
      ),
      ...flagsWithoutValue(row).map((name) => `'--${name}[${zshText(helpWithoutValue(row, name))}]'`),
    ];
  });
  return `#compdef ${NAME}
# ${NAME} completion for zsh: save as _${NAME} in a directory of $fpath
_s3_parallel_put_word() {
  if (( CURRENT == 2 )); then
    _alternative 'commands:command:(${COMMAND_NAMES.join(' ')})' 'files:source:_files'
  elif (( CURRENT == 3 )) && [[ \${words[2]} == completion ]]; then
    _values shell ${SHELLS.join(' ')}
  else
    _files
  fi
}
_s3_parallel_put() {
  _arguments -s -S \\
    ${specs.join(' \\\n    ')} \\
    '*:source or s3\\://bucket/prefix:_s3_parallel_put_word'
}
if [[ $funcstack[1] == _${NAME} ]]; then
  _s3_parallel_put "$@"
else
  compdef _s3_parallel_put ${NAME}
fi
`;
}

function fishScript(): string {
  const lines = CLI_FLAGS.flatMap((row) => {
    const short = row.short === undefined ? '' : ` -s ${row.short}`;
    const values = valueWords(row).length === 0 ? '' : ` -a '${valueWords(row).join(' ')}'`;
    const own = row.flag;
    return [
      ...flagsWithValue(row).map(
        (name) =>
          `${name === own ? short : ''} -l ${name} ${row.type === 'file' ? '-r -F' : '-x'}${values} -d '${fishText(firstSentence(row))}'`,
      ),
      ...flagsWithoutValue(row).map(
        (name) => `${name === own ? short : ''} -l ${name} -d '${fishText(helpWithoutValue(row, name))}'`,
      ),
    ].map((options) => `complete -c ${NAME}${options}`);
  });
  const commands = Object.entries(COMMANDS).map(
    ([name, { help }]) => `complete -c ${NAME} -n __fish_use_subcommand -a ${name} -d '${fishText(help)}'`,
  );
  return `# ${NAME} completion for fish: ${NAME} completion fish | source
${commands.join('\n')}
complete -c ${NAME} -n '__fish_seen_subcommand_from completion' -f -a '${SHELLS.join(' ')}'
${lines.join('\n')}
`;
}

function firstSentence(row: OptionRow): string {
  return row.help.split(/[.;](?: |$)/)[0] ?? row.help;
}

function helpWithoutValue(row: FlagRow, name: string): string {
  if (name === row.flag) return firstSentence(row);
  const shorthand = row.shorthands?.[name];
  if (shorthand === undefined) return `Turn off: ${firstSentence(row)}`;
  return shorthand === false ? `The same as --no-${row.flag}` : `The same as --${row.flag} ${shorthand}`;
}

function zshText(text: string): string {
  return text.replace(/[[\]:\\]/g, (special) => `\\${special}`).replaceAll("'", "'\\''");
}

function fishText(text: string): string {
  return text.replace(/['\\]/g, (special) => `\\${special}`);
}
