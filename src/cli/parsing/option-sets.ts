import type { OptionSpec } from "./command.ts";

/** What names a scope together with a prompt. */
export const SCOPE_OPTIONS = [
  { flags: "--label <label>", help: "the label that services ask for", default: "production" },
  { flags: "--model <model>", help: "only for this model" },
  { flags: "--tenant <tenant>", help: "only for this tenant" },
] as const satisfies readonly OptionSpec[];

/** Where somebody may do what a role says: what grants are made of. */
export const GRANT_OPTIONS = [
  { flags: "--only-label <label>", help: "only this label", repeatable: true },
  {
    flags: "--only-prompt <name>",
    help: "only this prompt, or all below a folder (support/)",
    repeatable: true,
  },
  { flags: "--only-tenant <tenant>", help: "only this tenant", repeatable: true },
  { flags: "--force", help: "may set a pointer without evidence" },
] as const satisfies readonly OptionSpec[];

/** How what looks like a secret gets through; read by `allowedSecret`. */
export const SECRET_OPTIONS = [
  { flags: "--allow-secret", help: "let what looks like a secret through, with a reason" },
  { flags: "--reason <text>", help: "why it may be there; kept in the audit trail" },
] as const satisfies readonly OptionSpec[];

/** Which calls count. */
export const CALLER_OPTIONS = [
  { flags: "--label <label>", help: "only callers of this label" },
  { flags: "--days <count>", help: "what was sent in so many days", default: "7" },
] as const satisfies readonly OptionSpec[];

/** What every command takes. */
export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  { flags: "--json", help: "print JSON on stdout, errors included" },
  { flags: "-q, --quiet", help: "no progress on stderr" },
  { flags: "--verbose", help: "the whole trace of an error that is a bug" },
];

/** Answered before anything is parsed. */
export const HELP_OPTION: OptionSpec = { flags: "-h, --help", help: "show this help" };
