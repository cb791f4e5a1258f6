import { CI_PLATFORM_NAMES } from "../../../domain/access/ci-platforms.ts";
import { ROLES, WORKLOAD_ROLES } from "../../../domain/access/roles.ts";
import { UNIT_MARKS } from "../../../domain/shapes/keys.ts";
import { DIRECT_MOVES } from "../../../domain/shapes/labels.ts";
import type { CommandSpec, OptionSpec } from "../command.ts";
import { GRANT_OPTIONS } from "../option-sets.ts";

/** What a key's requests mean where Langfuse's clients make them. */
const LANGFUSE_OPTIONS = [
  {
    flags: "--langfuse-unit <mark>",
    help: "which mark of a trace is the unit; the user, or else the session, by default",
    choices: UNIT_MARKS,
  },
  {
    flags: "--langfuse-tenant <tenant>",
    help: "whose prompts Langfuse's clients read, and whose users their traces are of",
  },
  {
    flags: "--langfuse-default-model <model>",
    help: "the model of a first version that names none, as in openai/gpt-5.4-mini",
  },
  {
    flags: "--langfuse-untrusted <how>",
    help: "whether they are served versions with untrusted variables: not, or with delimiters in their text",
    choices: ["refuse", "delimit"],
  },
  {
    flags: "--langfuse-score <name:word=number>",
    help: "what a word of a score counts as, as in thumbs:up=1",
    repeatable: true,
  },
  { flags: "--browser-scores", help: "whoever knows the key's id may send scores, as pages do" },
] as const satisfies readonly OptionSpec[];

export const KEY_COMMANDS = [
  {
    name: "keys create",
    summary: "a key for the server: printed once, kept nowhere",
    about:
      "Its role says what it may do, and --only-label, --only-prompt and --only-tenant where; without them, everywhere. A service needs the role resolver. People's keys end after 90 days unless --expires says otherwise.",
    options: [
      { flags: "--name <name>", help: "who or what uses it, for the list", required: true },
      { flags: "--role <role>", help: "what it may do", choices: ROLES, required: true },
      { flags: "--owner <who>", help: "whose word its use is, in the audit log; you by default" },
      ...GRANT_OPTIONS,
      ...LANGFUSE_OPTIONS,
      { flags: "--expires <duration>", help: "for how long it is good, as in 30d, or never" },
    ],
    examples: [
      "sluice keys create --name checkout --role resolver",
      "sluice keys create --name assistant --role resolver --langfuse-unit session --langfuse-score thumbs:up=1 --langfuse-score thumbs:down=0",
      "sluice keys create --name ann --role releaser --only-prompt support/ --expires 30d",
    ],
  },
  {
    name: "keys list",
    summary: "the keys there are: what each may do, and when it was last used",
    options: [{ flags: "--all", help: "also those that have expired or were revoked" }],
    examples: ["sluice keys list", "sluice keys list --all"],
  },
  {
    name: "keys intake",
    summary: "what Langfuse's clients have sent with each key, and what of it was not counted",
    about:
      "These clients are always answered that all is well, since they would send the same again. generation and score are what was counted; any other kind says why something was not.",
    arguments: [{ syntax: "[id]", help: "of sluice keys list; all keys by default" }],
    examples: ["sluice keys intake", "sluice keys intake 4k2p9x7c1m0q --json"],
  },
  {
    name: "keys rotate",
    summary: "a new secret with the same rights; the old one stays good for a while",
    arguments: [{ syntax: "<id>", help: "of sluice keys list" }],
    options: [{ flags: "--overlap <duration>", help: "how long the old one stays good", default: "24h" }],
    examples: ["sluice keys rotate 4k2p9x7c1m0q", "sluice keys rotate 4k2p9x7c1m0q --overlap 1h"],
  },
  {
    name: "keys revoke",
    summary: "a key is refused from now on, by every server within seconds",
    arguments: [{ syntax: "<id>", help: "of sluice keys list" }],
    examples: ["sluice keys revoke 4k2p9x7c1m0q"],
  },
  {
    name: "sessions list",
    summary: "who is signed in: people, CI jobs, and browsers that have shown a key",
    about: "With how they have proven who they are, since when, and until when unless they use it meanwhile.",
    examples: ["sluice sessions list", "sluice sessions list --json"],
  },
  {
    name: "sessions end",
    summary: "sign somebody out, at every server within seconds",
    about:
      "One session by its id, or all of one person. A key stays good, and whoever has an account at the issuer can sign in again: revoke the key, or take the role away there.",
    arguments: [{ syntax: "[id]", help: "of sluice sessions list" }],
    options: [{ flags: "--all-of <who>", help: "instead, every session of this person or CI job" }],
    examples: ["sluice sessions end 4k2p9x7c1m0q", "sluice sessions end --all-of ann@login.example.com"],
  },
  {
    name: "trust add",
    summary: "let CI jobs in that fit a rule, by the token that their platform gives them",
    about:
      "A job sends its token to the server (POST /v1/tokens/workload) and gets one that is good for 15 minutes. Repositories and projects are named by their id: a name may be given to another one later. A job of a pull request is an editor at most.",
    arguments: [{ syntax: "<name>", help: "of the rule, as in deploy" }],
    options: [
      { flags: "--platform <name>", help: "what runs the jobs", choices: CI_PLATFORM_NAMES, required: true },
      { flags: "--id <number>", help: "GitHub's repository_id, GitLab's project_id", required: true },
      { flags: "--role <role>", help: "what a job may do", choices: WORKLOAD_ROLES, required: true },
      {
        flags: "--match <claim=value>",
        help: "what else its token has to say, as in environment=production",
        repeatable: true,
      },
      { flags: "--issuer <address>", help: "of a GitHub or GitLab of your own" },
      ...GRANT_OPTIONS,
    ],
    examples: [
      "sluice trust add checks --platform github --id 7412 --role editor",
      "sluice trust add deploy --platform github --id 7412 --role releaser --match environment=production --only-prompt support/",
    ],
  },
  {
    name: "trust list",
    summary: "which CI jobs are let in, and for what",
    examples: ["sluice trust list"],
  },
  {
    name: "trust remove",
    summary: "let nobody in by a rule any more; what it has let in is refused within seconds",
    arguments: [{ syntax: "<name>", help: "of sluice trust list" }],
    examples: ["sluice trust remove deploy"],
  },
  {
    name: "labels",
    summary: "labels: which of them only a releaser's key may move, and which come after another one",
    examples: ["sluice labels", "sluice labels --json"],
  },
  {
    name: "labels set",
    summary: "at which label a version has to be live before it may come to this one, and for how long",
    about:
      "The database holds every move to it, of every prompt: by a rollout, by hand, by whoever writes the table. Rolling back is never refused, and in an emergency pointers set --emergency goes another way, with its reason. Prompts of a repository have the same by sluice.yaml; where both say something, both hold. What is left out stays as it is.",
    arguments: [{ syntax: "<label>", help: "as in production" }],
    options: [
      { flags: "--from <label>", help: "the label that comes before it" },
      { flags: "--live-for <duration>", help: "how long a version has to be live there, as in 24h" },
      { flags: "--from-anywhere", help: "no label comes before it any more" },
      { flags: "--protected", help: "only a releaser's key may move it" },
      { flags: "--reason <text>", help: "why; it is kept" },
    ],
    examples: [
      "sluice labels set production --from staging --live-for 24h --protected",
      'sluice labels set production --from-anywhere --reason "staging is gone"',
    ],
  },
  {
    name: "labels protect",
    summary: "keys need the role releaser to move it; an editor's rollout waits for a releaser",
    about:
      "The way back stays open to every editor: abort and roll back. production is protected from the start.",
    arguments: [{ syntax: "<label>", help: "as in production" }],
    options: [
      {
        flags: "--on-direct-move <what>",
        help: "what a Langfuse client's move without evidence comes to",
        choices: DIRECT_MOVES,
      },
      { flags: "--reason <text>", help: "why; it is kept", required: true },
    ],
    examples: [
      'sluice labels protect beta --reason "customers are on it"',
      'sluice labels protect production --on-direct-move refuse --reason "every rollout is started by hand"',
    ],
  },
  {
    name: "labels unprotect",
    summary: "editors' keys may move it too",
    arguments: [{ syntax: "<label>", help: "as in staging" }],
    options: [{ flags: "--reason <text>", help: "why; it is kept", required: true }],
    examples: ['sluice labels unprotect beta --reason "nobody is on it any more"'],
  },
] as const satisfies readonly CommandSpec[];
