import type { CommandSpec, OptionSpec } from "../command.ts";
import { SECRET_OPTIONS } from "../option-sets.ts";

const FILE_OPTION = {
  flags: "-f, --file <file>",
  help: "the repository's sluice.yaml; the nearest one here or above when absent",
} as const satisfies OptionSpec;

export const SYNC_COMMANDS = [
  {
    name: "sync plan",
    summary: "what the prompts in Git would change in the store and for users; touches nothing",
    about:
      "Reads sluice.yaml and the prompt files that it names, as they are in the folder, and asks the store: which versions would be made, what differs from what users get now, what the built-in checks find, and in which environment a rollout would start, waits, or is not started because this content was tried there and refused. Exits 0 where there is nothing to do, 10 where there is, and 2 where a file cannot be taken.",
    options: [
      FILE_OPTION,
      { flags: "--markdown", help: "as Markdown, for a comment on a pull request" },
      { flags: "--all", help: "show the prompts that do not change, too" },
    ],
    examples: ["sluice sync plan", "sluice sync plan --markdown > plan.md", "sluice sync plan --json"],
  },
  {
    name: "sync review",
    summary: "what a branch changes: each changed prompt against the base, and what merging would do",
    about:
      "Finds the prompts whose file, policy or cases differ from the base, and holds each to its gate against the base's own version, as sluice eval does; where a store is named, says what merging would do, too. With --publish a job of GitHub Actions or GitLab CI keeps one comment of the pull request up to date, writes a check and annotations where it may, and the job's summary. Exits 0 when nothing got worse, 1 when a prompt fails its gate, 2 where a file cannot be taken. Cases that cannot tell stop nobody, unless --fail-on insufficient is given: then 3.",
    options: [
      FILE_OPTION,
      {
        flags: "--base <commit>",
        help: "the commit or branch to compare with; that of the CI job's pull request when absent",
      },
      { flags: "--all", help: "every prompt, changed or not" },
      { flags: "--quick", help: "a sample of the cases, with the policy's cheaper model (gate.quick)" },
      { flags: "--max-cost <usd>", help: "never spend more than this, on all of them together" },
      {
        flags: "--fail-on <verdict>",
        help: "insufficient: exit 3 where the cases cannot tell",
      },
      { flags: "--results <folder>", help: "keep answers here, and ask for none of them again" },
      { flags: "--publish", help: "tell the pull request that this CI job runs for" },
      { flags: "--junit <file>", help: "write a JUnit report" },
      { flags: "--markdown <file>", help: "write the comment" },
    ],
    examples: [
      "sluice sync review --base origin/main",
      "sluice sync review --publish --max-cost 2 --junit review.xml",
    ],
  },
  {
    name: "sync apply",
    summary: "make the versions that the prompts in Git are, and start their rollouts",
    about:
      "Does exactly what sluice sync plan says: publishes what the commit's prompts are, pushes what no version has, and takes each version through the environments. What waits for an earlier environment goes on by itself: see sluice sync status. The same commit applied again, or by several runners at once, starts nothing twice. What was tried in an environment and refused is left, unless --again is given. Nothing is done while a file cannot be taken or is not committed, nor with a commit that does not follow from the one applied before. Needs Temporal where a rollout starts. --wait follows the rollouts that it has started to the gate's verdict or the promotion (the default), or with end each version to the last environment. Exits 0 when all was done, else as rollout start would.",
    options: [
      FILE_OPTION,
      { flags: "-m, --message <text>", help: "of the new versions; names the commit when absent" },
      { flags: "--uncommitted", help: "take the files as they are, committed or not" },
      { flags: "--again", help: "also what was tried and refused" },
      { flags: "--branch <name>", help: "of this commit; the one that is checked out when absent" },
      {
        flags: "--take-over",
        help: "also where the branch went back, was rewritten, or is another one; older versions, too",
      },
      {
        flags: "--wait [until]",
        help: "follow it; promotion by default",
        choices: ["gate", "promotion", "end"],
      },
      ...SECRET_OPTIONS,
    ],
    examples: ["sluice sync apply", "sluice sync apply --wait", "sluice sync apply --json"],
  },
  {
    name: "sync status",
    summary: "where the versions of a commit are on their way through the environments",
    about:
      "Of the commit that was applied last; of earlier ones with --commit. Each version is rolling out, waiting, delivered, replaced by a later commit, refused, or stopped until somebody looks. With --watch until none of them is on its way any more. Exits 0 while nothing has gone wrong, 1 where a version was refused, 4 where one has stopped.",
    options: [
      FILE_OPTION,
      { flags: "--commit <id>", help: "of another commit; its whole id where it is not in this clone" },
      { flags: "--watch", help: "go on until every version has arrived or ended" },
    ],
    examples: ["sluice sync status", "sluice sync status --watch"],
  },
  {
    name: "sync drift",
    summary: "where what is served is not what the prompts in Git say",
    about:
      "Compares what each environment serves with the prompt files, by their content. Git ahead: what the file says is served nowhere yet. Refused: it was tried, and taken back. Store ahead: somebody has made or moved a version that no file has. Unknown: a label of the environments serves a prompt that has no file. An environment that comes after another is not behind while the version is not live in that one long enough. Exits 0 where there is none, 1 where there is, and 2 where a file cannot be taken.",
    options: [
      FILE_OPTION,
      {
        flags: "--published",
        help: "what workers have seen last, by the commits that were applied; needs no files",
      },
    ],
    examples: ["sluice sync drift", "sluice sync drift --published", "sluice sync drift --json"],
  },
  {
    name: "sync forget",
    summary: "have a repository decide no more on these prompts, or on any",
    about:
      "For a repository that is gone, was renamed or is not applied from any more: with owner: git it would go on refusing what is saved and moved elsewhere, its environments would go on holding moves, and what is served would be compared with it. What is served stays as it is, and deliveries that are under way end. A later commit that has their files brings the prompts back. Over a server this takes an admin's key.",
    arguments: [
      { syntax: "[name...]", help: "these prompts; without any, all of --repository", completes: "prompt" },
    ],
    options: [
      {
        flags: "--repository <name>",
        help: "as sluice sync status --json names it; that of the prompts when absent",
      },
      { flags: "--reason <text>", help: "why; it is kept", required: true },
    ],
    examples: [
      'sluice sync forget support-reply --reason "it is kept in the dashboard from now on"',
      'sluice sync forget --repository github.com/acme/old-prompts --reason "moved to acme/prompts"',
    ],
  },
  {
    name: "sync pull",
    summary: "write versions that were made elsewhere back as files",
    about:
      "Where the newest version of a prompt is not what its file says, because it was saved in the dashboard or by hand, the file is made to say it: comments, the order of keys and the policy stay. A prompt that an environment serves and no file holds gets one. What was edited here and is no version yet is left alone, and named. --branch makes a branch for it, --commit commits what was written and nothing else. Exits 0, and 4 where a file was left.",
    arguments: [{ syntax: "[name...]", help: "only these prompts; all by default", completes: "prompt" }],
    options: [
      FILE_OPTION,
      { flags: "--branch <name>", help: "make this branch, and write there" },
      { flags: "--commit", help: "commit what was written" },
    ],
    examples: ["sluice sync pull", "sluice sync pull --branch from-the-dashboard --commit"],
  },
  {
    name: "promote",
    summary: "roll out what is live at one label to another one",
    about:
      "Exactly the version that --from serves, by a rollout of its own at --to, with the policy that was pushed with the prompt unless another one is named. Ctrl-C stops following (130), not the rollout. With --wait the exit code says how it went, as that of rollout start does.",
    arguments: [{ syntax: "<name>", help: "the prompt", completes: "prompt" }],
    options: [
      { flags: "--from <label>", help: "where it is live", required: true },
      { flags: "--to <label>", help: "where it is to go", required: true },
      { flags: "--model <model>", help: "only for this model" },
      { flags: "--tenant <tenant>", help: "only for this tenant" },
      { flags: "--policy <file>", help: "the rollout policy; by default the one pushed with the prompt" },
      { flags: "--again", help: "a version that has failed there unchanged; decided more strictly" },
      { flags: "--replace", help: "end the rollout of another version that runs there, then start" },
      {
        flags: "--wait [until]",
        help: "follow it; promotion by default",
        choices: ["gate", "promotion", "end"],
      },
    ],
    examples: ["sluice promote support-reply --from staging --to production --wait"],
  },
] as const satisfies readonly CommandSpec[];
