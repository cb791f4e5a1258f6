/** One command of the command line: everything that parsing, `--help` and completion need of it. */
export interface CommandSpec {
  /** As it is typed: `rollout start`. */
  readonly name: string;
  /** `<name>` must be there, `[path...]` is any number of them. */
  readonly arguments?: readonly ArgumentSpec[];
  /** One line, for the list of commands. */
  readonly summary: string;
  /** What else there is to know; shown by the command's own `--help`. */
  readonly about?: string;
  /** Not for users: in no list. */
  readonly hidden?: true;
  /** True: takes --label, --model and --tenant. */
  readonly scoped?: true;
  readonly options?: readonly OptionSpec[];
  /** Lines that work when pasted into a project that `sluice init` has made. */
  readonly examples: readonly string[];
}

export interface ArgumentSpec {
  readonly syntax: string;
  readonly help: string;
  /** What shell completion offers. */
  readonly completes?: "prompt" | "file" | "shell";
}

export interface OptionSpec {
  /** `-m, --message <text>`. */
  readonly flags: string;
  readonly help: string;
  readonly default?: string;
  readonly choices?: readonly string[];
  readonly required?: true;
  /** May be given more than once. */
  readonly repeatable?: true;
  /** An earlier name that is still understood: neither in help nor completed. */
  readonly hidden?: true;
}
