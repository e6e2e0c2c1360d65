import { OPTION_COMMANDS, type OptionCommand, type OptionRow } from '../../options/row.js';
import { belongsTo, CLI_FLAGS } from '../../options/table.js';
import { COMMAND_NAMES, COMMANDS, HELP_TOPICS, SHELLS, type Shell } from '../command-table.js';
import { hasNegation, isSwitch } from '../flags.js';
import { firstSentence } from './help.js';
import { NAME } from './texts.js';

type FlagRow = OptionRow & { readonly flag: string };

/** Spellings that take a value, without dashes. */
function flagsWithValue(row: FlagRow): readonly string[] {
  return isSwitch(row) ? [] : [row.flag, ...(row.aliases ?? [])];
}

/** Whether its value is the path of a file, also where other faces take that for a text. */
function takesFile({ type, value }: FlagRow): boolean {
  return type === 'file' || value === 'FILE';
}

/** Spellings that take no value, without dashes. */
function flagsWithoutValue(row: FlagRow): readonly string[] {
  const own = isSwitch(row) ? [row.flag, ...(row.aliases ?? [])] : [];
  const negated = hasNegation(row) ? own.map((name) => `no-${name}`) : [];
  return [...own, ...Object.keys(row.shorthands ?? {}), ...negated];
}

/** Options whose value follows an equals sign or is left out. */
const OPTIONAL = CLI_FLAGS.filter(({ type }) => type === 'optional').map((row) => ({
  row,
  spellings: [row.flag, ...(row.aliases ?? [])],
}));

function valueWords(row: FlagRow): readonly string[] {
  if (row.name === 'command') return COMMAND_NAMES;
  // Its value is what --gzip-type takes.
  const takes = row.name === 'gzip' ? CLI_FLAGS.find(({ name }) => name === 'gzipType') : row;
  return takes?.choices ?? [];
}

/** The flags of the commands that take the same: `put copy` with all that both take, and so on. */
function flagsByCommands(): ReadonlyMap<string, readonly FlagRow[]> {
  const groups = new Map<string, FlagRow[]>();
  for (const row of CLI_FLAGS) {
    const commands = OPTION_COMMANDS.filter((command) => belongsTo(row, command)).join(' ');
    groups.set(commands, [...(groups.get(commands) ?? []), row]);
  }
  return groups;
}

/** Every spelling of a flag, with its dashes. */
function dashed(row: FlagRow): readonly string[] {
  const short = row.short === undefined ? [] : [`-${row.short}`];
  return [...short, ...[...flagsWithValue(row), ...flagsWithoutValue(row)].map((name) => `--${name}`)];
}

/** The script with which a shell completes commands, flags, their values and file names. */
export function completionScript(shell: Shell): string {
  return { bash: bashScript, zsh: zshScript, fish: fishScript, powershell: powershellScript }[shell]();
}

function bashScript(): string {
  // bash splits at the equals sign; only behind one has an optional value.
  const optional = OPTIONAL.flatMap(({ row, spellings }) =>
    spellings.map((name) => `    --${name}=*) _s3_parallel_put_words '${valueWords(row).join(' ')}'; return ;;`),
  );
  const cases = CLI_FLAGS.filter((row) => !isSwitch(row)).map((row) => {
    const pattern = flagsWithValue(row)
      .map((name) => `--${name}`)
      .join('|');
    if (takesFile(row)) return `    ${pattern}) _s3_parallel_put_files; return ;;`;
    return `    ${pattern}) _s3_parallel_put_words '${valueWords(row).join(' ')}'; return ;;`;
  });
  const flagsOf = (command: OptionCommand) => CLI_FLAGS.filter((row) => belongsTo(row, command)).flatMap(dashed);
  const flagCases = OPTION_COMMANDS.map(
    (name) => `      ${name}) _s3_parallel_put_words '${flagsOf(name).join(' ')}' ;;`,
  );
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
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]}
  # bash splits --flag=value at the equals sign.
  local equals=''
  if [[ $cur == '=' ]]; then cur=''; equals='='
  elif [[ $prev == '=' ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; equals='='; fi
  COMPREPLY=()
  case $prev$equals in
${optional.join('\n')}
  esac
  case $prev in
${cases.join('\n')}
  esac
  if [[ $cur == -* ]]; then
    case $command in
${flagCases.join('\n')}
      ${COMMAND_NAMES.filter((name) => !isOptionCommand(name)).join('|')}) _s3_parallel_put_words '--help' ;;
      *) _s3_parallel_put_words '${CLI_FLAGS.flatMap(dashed).join(' ')}' ;;
    esac
    return
  fi
  if (( COMP_CWORD == 1 )); then _s3_parallel_put_words '${COMMAND_NAMES.join(' ')}'
  elif (( COMP_CWORD == 2 )) && [[ $prev == completion ]]; then _s3_parallel_put_words '${SHELLS.join(' ')}'; return
  elif (( COMP_CWORD == 2 )) && [[ $prev == help || $prev == --help ]]; then _s3_parallel_put_words '${HELP_TOPICS.join(' ')}'; return
  elif [[ $command == version ]]; then return; fi
  _s3_parallel_put_files
}
complete -o filenames -F _s3_parallel_put ${NAME}
`;
}

function isOptionCommand(name: string): boolean {
  return OPTION_COMMANDS.some((command) => command === name);
}

function zshScript(): string {
  const specsOf = (row: FlagRow): readonly string[] => {
    const repeat = ['globs', 'headers', 'pairs', 'texts'].includes(row.type) ? '*' : '';
    const help = zshText(firstSentence(row));
    const known = valueWords(row).length === 0 ? '' : `(${valueWords(row).map(zshText).join(' ')})`;
    const action = takesFile(row) ? '_files' : known;
    const short = row.short === undefined ? [] : [`'-${row.short}[${help}]'`];
    return [
      ...short,
      ...flagsWithValue(row).map(
        (name) => `'${repeat}--${name}=[${help}]:${zshText(row.value ?? row.name)}:${action}'`,
      ),
      ...flagsWithoutValue(row).map((name) =>
        // `=-`: a value stands behind an equals sign in the same word, and only there.
        row.type === 'optional' && (name === row.flag || row.aliases?.includes(name))
          ? `'--${name}=-[${help}]::${zshText(row.value ?? row.name)}:${known}'`
          : `'--${name}[${zshText(helpWithoutValue(row, name))}]'`,
      ),
    ];
  };
  const groups = [...flagsByCommands()].map(
    ([commands, rows]) =>
      `  [[ $command == (|${commands.replaceAll(' ', '|')}) ]] && specs+=(\n    ${rows.flatMap(specsOf).join('\n    ')}\n  )`,
  );
  return `#compdef ${NAME}
# ${NAME} completion for zsh: save as _${NAME} in a directory of $fpath
_s3_parallel_put_word() {
  if (( CURRENT == 2 )); then
    _alternative 'commands:command:(${COMMAND_NAMES.join(' ')})' 'files:source:_files'
  elif (( CURRENT == 3 )) && [[ \${words[2]} == completion ]]; then
    _values shell ${SHELLS.join(' ')}
  elif (( CURRENT == 3 )) && [[ \${words[2]} == help ]]; then
    _values command ${HELP_TOPICS.join(' ')}
  else
    _files
  fi
}
_s3_parallel_put() {
  local command=\${words[2]}
  [[ $command == (${COMMAND_NAMES.join('|')}) ]] || command=
  local -a specs
${groups.join('\n')}
  _arguments -s -S $specs '*:source or s3\\://bucket/prefix:_s3_parallel_put_word'
}
if [[ $funcstack[1] == _${NAME} ]]; then
  _s3_parallel_put "$@"
else
  compdef _s3_parallel_put ${NAME}
fi
`;
}

function fishScript(): string {
  const lines = [...flagsByCommands()].flatMap(([commands, rows]) =>
    rows.flatMap((row) => {
      const short = row.short === undefined ? '' : ` -s ${row.short}`;
      const values = valueWords(row).length === 0 ? '' : ` -a '${valueWords(row).join(' ')}'`;
      const own = row.flag;
      return [
        ...flagsWithValue(row).map(
          (name) =>
            `${name === own ? short : ''} -l ${name} ${takesFile(row) ? '-r -F' : '-x'}${values} -d '${fishText(firstSentence(row))}'`,
        ),
        ...flagsWithoutValue(row).map(
          (name) => `${name === own ? short : ''} -l ${name} -d '${fishText(helpWithoutValue(row, name))}'`,
        ),
      ].map((options) => `complete -c ${NAME} -n '__s3_parallel_put_takes ${commands}'${options}`);
    }),
  );
  const commands = Object.entries(COMMANDS).map(
    ([name, { help }]) => `complete -c ${NAME} -n __fish_use_subcommand -a ${name} -d '${fishText(help)}'`,
  );
  return `# ${NAME} completion for fish: ${NAME} completion fish | source
function __s3_parallel_put_takes
  set -l words (commandline -opc)
  if contains -- "$words[2]" ${COMMAND_NAMES.join(' ')}
    contains -- "$words[2]" $argv
  end
end
${commands.join('\n')}
complete -c ${NAME} -n '__fish_seen_subcommand_from completion' -f -a '${SHELLS.join(' ')}'
complete -c ${NAME} -n '__fish_seen_subcommand_from help' -f -a '${HELP_TOPICS.join(' ')}'
${lines.join('\n')}
`;
}

function powershellScript(): string {
  // Tables of hashes: PowerShell would merge arrays in an array into one.
  const hash = (fields: Readonly<Record<string, string>>) =>
    `    @{ ${Object.entries(fields)
      .map(([name, text]) => `${name} = ${powershellText(text)}`)
      .join('; ')} }`;
  const options = CLI_FLAGS.flatMap((row) => {
    const takes = OPTION_COMMANDS.filter((command) => belongsTo(row, command)).join(' ');
    const value = isSwitch(row) ? '' : takesFile(row) ? 'file' : 'text';
    return dashed(row).map((name) => {
      const help = value === '' ? helpWithoutValue(row, name.replace(/^--?/, '')) : firstSentence(row);
      return hash({ Name: name, Commands: takes, Value: value, Words: valueWords(row).join(' '), Help: help });
    });
  });
  const commands = Object.entries(COMMANDS).map(([name, { help }]) => hash({ Name: name, Help: help }));
  return `# ${NAME} completion for PowerShell: ${NAME} completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName ${NAME} -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $options = @(
${options.join('\n')}
  )
  $commands = @(
${commands.join('\n')}
  )
  function Complete-Word($name, $kind, $help) {
    if ($name.StartsWith($wordToComplete, [StringComparison]::Ordinal)) {
      [System.Management.Automation.CompletionResult]::new($name, $name, $kind, $help)
    }
  }
  # Words that are complete; the first is the program.
  $before = @($commandAst.CommandElements |
    Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
    ForEach-Object { $_.Extent.Text })
  $previous = if ($before.Count -gt 0) { $before[-1] } else { '' }
  $first = if ($before.Count -gt 1) { $before[1] } else { '' }
  $command = if (@($commands | ForEach-Object { $_.Name }) -ccontains $first) { $first } else { '' }
  foreach ($option in $options) {
    if ($option.Value -ne '' -and $option.Name -ceq $previous) {
      # Without any result PowerShell completes the names of files.
      foreach ($word in ($option.Words -split ' ' -ne '')) { Complete-Word $word 'ParameterValue' $option.Help }
      return
    }
  }
  if ("$wordToComplete".StartsWith('-')) {
    foreach ($option in $options) {
      if ($command -eq '' -or ($option.Commands -split ' ') -ccontains $command) {
        Complete-Word $option.Name 'ParameterName' $option.Help
      }
    }
    return
  }
  if ($before.Count -eq 1) {
    foreach ($one in $commands) { Complete-Word $one.Name 'Command' $one.Help }
  }
  if ($before.Count -eq 2 -and $command -eq 'completion') {
    foreach ($word in @(${SHELLS.map(powershellText).join(', ')})) { Complete-Word $word 'ParameterValue' $word }
  }
  if ($before.Count -eq 2 -and $command -eq 'help') {
    foreach ($word in @(${HELP_TOPICS.map(powershellText).join(', ')})) { Complete-Word $word 'ParameterValue' $word }
  }
}
`;
}

function powershellText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function helpWithoutValue(row: FlagRow, name: string): string {
  if (name === row.flag || name === row.short) return firstSentence(row);
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
