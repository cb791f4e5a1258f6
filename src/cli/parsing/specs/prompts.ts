import { VERSION_STATUSES } from "../../../domain/prompt/version-status.ts";
import type { CommandSpec } from "../command.ts";
import { SECRET_OPTIONS } from "../option-sets.ts";

export const PROMPT_COMMANDS = [
  {
    name: "push",
    summary: "make a version of each changed prompt file",
    about:
      "Identical content gives the version it has. Everything is checked before anything is written, and all files are written together or none. Where somebody else has pushed a newer version than the one that a file came from (sluice.lock keeps it), nothing is pushed and what they changed is said. A folder means the .yaml files in it and below, without policies (*.rollout.yaml) and datasets (*.golden.yaml, golden/).",
    arguments: [
      { syntax: "[path...]", help: "prompt files or folders; prompts/ by default", completes: "file" },
    ],
    options: [
      { flags: "-m, --message <text>", help: "what changed and why", default: "" },
      {
        flags: "--base <version>",
        help: "the version that the file was made from (7, 1.4.0 or NAME@7), in place of what sluice.lock says",
      },
      ...SECRET_OPTIONS,
      {
        flags: "--emergency <reason>",
        help: "save it although Git owns the prompt (owner: git) and says something else; the reason is kept",
      },
    ],
    examples: [
      'sluice push -m "first version" prompts/support-reply.yaml',
      'sluice push -m "shorter answers"',
    ],
  },
  {
    name: "list",
    summary: "every prompt: its newest version, and what is live",
    about: "Filters narrow it down together. Archived prompts are left out unless they are asked for.",
    arguments: [{ syntax: "[text]", help: "only where the name or the description has this text" }],
    options: [
      {
        flags: "--tag <tag>",
        help: "only with this tag; all of them where several are given",
        repeatable: true,
      },
      {
        flags: "--status <status>",
        help: "only where the newest version is this",
        choices: VERSION_STATUSES,
      },
      { flags: "--live <label>", help: "only where this label serves a version of it" },
      { flags: "--model <model>", help: "only where the newest version asks this model" },
      { flags: "--stale", help: "only where the newest version includes one of which there is a newer one" },
      { flags: "--archived", help: "the archived ones instead" },
    ],
    examples: ["sluice list", "sluice list refund --tag support --live production"],
  },
  {
    name: "show",
    summary: "a version whole: who, why, where it is live, whether it was tested, what it says",
    arguments: [{ syntax: "<name>", help: "NAME@N, or NAME for the newest version", completes: "prompt" }],
    options: [{ flags: "--file", help: "only the prompt file: pushing it gives the same version" }],
    examples: ["sluice show support-reply", "sluice show support-reply@1 --file > before.yaml"],
  },
  {
    name: "versions",
    summary: "a prompt's versions, with status, author and message",
    about:
      "draft: never rolled out; testing: in a rollout; live: some scope serves it; retired: it was, or its rollout ended otherwise; archived: its prompt was put away (sluice archive).",
    arguments: [{ syntax: "<name>", help: "the prompt", completes: "prompt" }],
    options: [
      { flags: "--used-by", help: "instead, the versions of other prompts that include one of these" },
      { flags: "--limit <count>", help: "so many of the newest", default: "100" },
      { flags: "--page <number>", help: "the next so many, older ones", default: "1" },
    ],
    examples: ["sluice versions support-reply", "sluice versions support-reply --used-by"],
  },
  {
    name: "archive",
    summary: "put a prompt away: no rollouts of it, and no place in lists",
    about:
      "Its versions stay, and are served where they are named exactly. A prompt that is rolled out somewhere is not archived, and one that is served only with --still-served: services go on getting what they get. Undone by: sluice unarchive.",
    arguments: [{ syntax: "<name>", help: "the prompt", completes: "prompt" }],
    options: [
      { flags: "--reason <text>", help: "why; it is kept", required: true },
      { flags: "--still-served", help: "also where it is served, which goes on" },
    ],
    examples: ['sluice archive old-reply --reason "replaced by support-reply"'],
  },
  {
    name: "unarchive",
    summary: "take an archived prompt out again",
    arguments: [{ syntax: "<name>", help: "the prompt", completes: "prompt" }],
    options: [{ flags: "--reason <text>", help: "why; it is kept", required: true }],
    examples: ['sluice unarchive old-reply --reason "needed again"'],
  },
  {
    name: "diff",
    summary: "what differs between two versions, in text and structure",
    about: "Each is NAME@N, a prompt file, or git:REF:PATH.",
    arguments: [
      { syntax: "<from>", help: "the older one", completes: "prompt" },
      { syntax: "<to>", help: "the newer one", completes: "prompt" },
    ],
    options: [
      { flags: "--side-by-side", help: "the old text at the left, the new one at the right" },
      { flags: "--exit-code", help: "exit 1 where they differ, as git diff does" },
    ],
    examples: ["sluice diff support-reply@1 prompts/support-reply.yaml"],
  },
  {
    name: "eval",
    summary: "the gate alone: is it at least as good, and how sure is that?",
    about:
      "Takes NAME[@N], a prompt file or a promptfoo configuration, which runs every prompt with every provider; with files it needs no server at all. Cases and limits come from the prompt's policy unless named. Before the first call it says how many there will be, what they cost and what the cases can detect. Calls go where OPENAI_BASE_URL and ANTHROPIC_BASE_URL say; a configuration may name other hosts only with --allow-network, and your keys are never sent to those. Without a policy every case has to pass. Exits 0 when it passes, 1 when it fails, 3 when the cases cannot tell (0 with --accept-fine, where it looks fine).",
    arguments: [{ syntax: "<subject>", help: "NAME[@N] or a file", completes: "file" }],
    options: [
      { flags: "--dataset <file>", help: "test cases in promptfoo's format" },
      {
        flags: "--baseline <version>",
        help: "NAME@N, a prompt file or git:REF:PATH; what is live, for a stored version",
      },
      { flags: "--policy <file>", help: "the rollout policy whose gate counts" },
      { flags: "--repeats <count>", help: "ask each case so many times" },
      { flags: "--remeasure", help: "ask the baseline again what a database knows of it" },
      { flags: "--quick", help: "a sample of the cases, with the policy's cheaper model (gate.quick)" },
      {
        flags: "--temperature <number>",
        help: "ask both versions at this temperature, whatever they say; nothing of it is kept with them",
      },
      { flags: "--min-pass-rate <fraction>", help: "least share of cases that must pass, 0 to 1" },
      { flags: "--max-regression <fraction>", help: "how far below the baseline it may be, 0 to 1" },
      {
        flags: "--accept-fine",
        help: "exit 0 also where more cases would be needed and nothing looks worse, as a rollout goes on to its canary",
      },
      { flags: "--max-cost <usd>", help: "never spend more than this" },
      { flags: "--prices <file>", help: "prices of models, beside the list prices" },
      {
        flags: "--allow-env <name>",
        help: "open an environment variable to the configuration",
        repeatable: true,
      },
      {
        flags: "--allow-network <host>",
        help: "let the configuration's providers be asked at this host (or host:port)",
        repeatable: true,
      },
      { flags: "--junit <file>", help: "write a JUnit report" },
      { flags: "--output <file>", help: "write every result, in the shape of promptfoo's results file" },
      { flags: "--markdown <file>", help: "write a summary for a pull request's comment" },
    ],
    scoped: true,
    examples: [
      "sluice eval prompts/support-reply.yaml",
      "sluice eval prompts/support-reply.yaml --baseline git:HEAD:prompts/support-reply.yaml --accept-fine --junit report.xml",
      "sluice eval prompts/support-reply.yaml --quick --max-cost 0.5 --markdown comment.md",
    ],
  },
  {
    name: "eval stop",
    summary: "end an evaluation that workers carry out, without a verdict",
    about:
      "No more answers are asked for, and those that there are stay. Needs Temporal. The tests of a rollout end with it: sluice rollout abort.",
    arguments: [{ syntax: "<id>", help: "the evaluation's, as eval and the dashboard say it" }],
    options: [{ flags: "--reason <text>", help: "why; it is kept", required: true }],
    examples: ['sluice eval stop 0199f2a4-6c1e-7b7a-9f5e-2d3c4b5a6978 --reason "the wrong dataset"'],
  },
  {
    name: "bundle",
    summary:
      "what a label serves, in one file, a Redis or a parameter store: for services without a store at hand",
    about:
      "The resolver library reads it as its source (file:prompts.json), without any server or database, or beside a store as snapshotFile. Each version says who made it, when and why. The same content is the same text. With --to it goes to a file, to a key of a Redis (redis://host/0?key=K, with the package @redis/client) or to parameters of AWS Systems Manager (ssm:/path?region=R, with @aws-sdk/client-ssm); a bundle that is there and was read later stays. Workers do the same whenever a pointer moves: SLUICE_BUNDLES. Keep it as it came: the hash in it is that of the text, so --json, which lays it out anew, is for looking at it alone.",
    options: [
      { flags: "--label <label>", help: "the label that services ask for", default: "production" },
      { flags: "--prefix <text>", help: "only prompts whose names begin so" },
      {
        flags: "--to <place>",
        help: "write it to a file, redis:// or ssm:, in one step: who reads sees the old one or the new one",
      },
    ],
    examples: [
      "sluice bundle --to prompts.json",
      "sluice bundle --to redis://127.0.0.1:6379/0?key=prompts",
      "sluice bundle --label staging --prefix support > prompts.json",
    ],
  },
  {
    name: "resolve",
    summary: "what a service would get, and why",
    arguments: [
      { syntax: "[name]", help: "the prompt; without one, the default of --model", completes: "prompt" },
    ],
    options: [{ flags: "--unit <unit>", help: "a user or conversation id; without one nobody is enrolled" }],
    scoped: true,
    examples: ["sluice resolve support-reply", "sluice resolve support-reply --unit user-1 --json"],
  },
  {
    name: "invoke",
    summary: "ask the model of what is live, as a service would",
    about:
      "Calls the version's model with its parameters, by the keys of this environment, and records what came of it as sluice/invoke does: latency, tokens, cost, failures. The answer is on stdout, what is known of it on stderr. Exit code 1: the model refused, or its answer does not fit the output_schema.",
    arguments: [{ syntax: "<name>", help: "NAME, or NAME@N for that version", completes: "prompt" }],
    options: [
      { flags: "--var <k=v...>", help: "values of its variables, such as product=Kettle" },
      { flags: "--vars <file>", help: "the same from a file, YAML or JSON" },
      { flags: "--unit <unit>", help: "a user or conversation id; without one nobody is enrolled" },
      { flags: "--stream", help: "show the answer as it comes" },
      {
        flags: "--fallbacks <models>",
        help: "models to ask when its own gives no answer, with commas between; none for none",
      },
      { flags: "--dry-run", help: "show what would be sent, and to whom; send nothing" },
      { flags: "--no-record", help: "record nothing, and enrol nobody" },
    ],
    scoped: true,
    examples: [
      'sluice invoke support-reply --var product=Kettle question="How do I descale it?" --dry-run',
      "sluice invoke support-reply@2 --vars values.yaml --no-record --stream",
    ],
  },
  {
    name: "record",
    summary: "record an outcome by hand",
    about:
      "Says that the unit was served this version, and what came of it. Where the unit is in an arm of a running rollout that serves this version, the rollout counts it.",
    arguments: [{ syntax: "<version>", help: "NAME@N", completes: "prompt" }],
    options: [
      { flags: "--unit <unit>", help: "the user or conversation id", required: true },
      { flags: "--metric <k=v...>", help: "metrics, such as rating=5 latency_ms=830" },
      { flags: "--feedback <text>", help: "what the user said" },
    ],
    scoped: true,
    examples: ["sluice record support-reply@1 --unit user-1 --metric rating=5 latency_ms=830"],
  },
  {
    name: "feedback",
    summary: "what users said, and the samples that services kept",
    about:
      "The newest first. Services give both with prompts.record: feedback, and a sample of variables and answer.",
    arguments: [{ syntax: "<name>", help: "the prompt, or NAME@N", completes: "prompt" }],
    options: [
      { flags: "--only <kind>", help: "only outcomes with this", choices: ["feedback", "sample"] },
      { flags: "--since <time>", help: "how far back: 24h, 7d, or 2026-01-31", default: "7d" },
      { flags: "--limit <count>", help: "the newest so many", default: "20" },
    ],
    examples: ["sluice feedback support-reply", "sluice feedback support-reply@2 --only sample --json"],
  },
  {
    name: "usage",
    summary: "what each version does in the open: latency, tokens, cost, ratings",
    about:
      "Versions under each other, or those that are named beside each other, from everything that services have recorded, enrolled in a rollout or not. An execution is a recorded outcome; n says how many of them carried the metric, sum what its values come to, values how often each came where there are few. Of one label, and of every model and tenant unless named.",
    arguments: [
      { syntax: "<name>", help: "the prompt, or NAME@N", completes: "prompt" },
      { syntax: "[versions...]", help: "more of its versions, to compare", completes: "prompt" },
    ],
    options: [
      {
        flags: "--since <time>",
        help: "how far back: 24h, 7d, or 2026-01-31, in whole hours",
        default: "7d",
      },
    ],
    scoped: true,
    examples: [
      "sluice usage support-reply",
      "sluice usage support-reply@1 support-reply@2",
      "sluice usage support-reply --since 24h --json",
    ],
  },
] as const satisfies readonly CommandSpec[];
