import { invalidInput } from "../../../domain/errors.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { shown } from "../../../domain/text/visible.ts";

/** Each script asks `sluice complete` for what fits, so it never has to be made again. */
const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `# sluice completion for bash: eval "$(sluice completion bash)"
_sluice() {
  local typed="\${COMP_LINE:0:COMP_POINT}" line current before
  local -a words
  # Not COMP_WORDS: bash breaks NAME@N and --wait=gate into three.
  read -ra words <<< "$typed"
  [[ $typed == *[[:space:]] ]] && words+=("")
  current="\${words[\${#words[@]}-1]}"
  # What is before the last break stays on the line; an @ is taken for the beginning of what is completed.
  before="\${current%"\${current##*["$COMP_WORDBREAKS"]}"}"
  before="\${before%@}"
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("\${line#"$before"}"); done < <(compgen -f -- "$current")
    else
      line="\${line%%$'\\t'*}"
      COMPREPLY+=("\${line#"$before"}")
    fi
  done < <(sluice complete -- "\${words[@]:1}" 2>/dev/null)
}
complete -F _sluice sluice
`,
  zsh: `#compdef sluice
# sluice completion for zsh: eval "$(sluice completion zsh)"
_sluice() {
  local line
  local -a found
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      _files
    else
      found+=("\${line/$'\\t'/:}")
    fi
  done < <(sluice complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( \${#found} )) && _describe sluice found
}
compdef _sluice sluice
`,
  fish: `# sluice completion for fish: sluice completion fish | source
function __sluice_complete
    for line in (sluice complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)
        if test "$line" = ":files"
            __fish_complete_path (commandline -ct)
        else
            printf '%s\\n' $line
        end
    end
end
complete -c sluice -f -a '(__sluice_complete)'
`,
};

export async function run(context: CommandContext, given: Given<"completion">): Promise<void> {
  const shell = given.required(0);
  const script = SCRIPTS[shell];
  if (script === undefined)
    throw invalidInput(`${shown(shell)} is no shell that can be completed: name bash, zsh or fish`, {
      shell,
    });
  context.output.fileResult({ shell, script }, () => script);
}
