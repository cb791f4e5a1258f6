import type { CommandSpec } from "../command.ts";

export const PROCESS_COMMANDS = [
  {
    name: "demo",
    summary: "the whole story on local parts: a better, a worse and a broken version",
    about:
      "Starts Postgres, Temporal with its web page, a worker and a scripted model, and rolls out four versions of a prompt among simulated users. Stays up until Ctrl-C.",
    options: [{ flags: "--exit", help: "end when all of it has been shown" }],
    examples: ["sluice demo", "sluice demo --exit"],
  },
  {
    name: "dev",
    summary: "Postgres, Temporal with its web page, a worker and the server, in the foreground",
    about:
      "Keeps its data in .sluice/ of this directory. While it runs, commands in the same directory use it, unless the environment names other parts.",
    options: [{ flags: "--no-model-server", help: "without the scripted model endpoint" }],
    examples: ["sluice dev"],
  },
  {
    name: "init",
    summary: "a starter: a prompt, its test cases, a policy, a CI workflow",
    about:
      "Writes what is not there yet, names this Sluice in package.json's devDependencies, and says what to type next.",
    arguments: [{ syntax: "[folder]", help: "where; this folder by default", completes: "file" }],
    options: [
      {
        flags: "--package <spec>",
        help: "what package.json names instead: a version, a tarball or a git address",
      },
    ],
    examples: ["sluice init", "sluice init my-prompts"],
  },
  {
    name: "migrate",
    summary: "bring the database up to date",
    about:
      "Safe to repeat. Refuses a database that a newer Sluice has migrated. With --roles it makes a login for each part, which may do what that part needs and no more; later migrations keep their grants up.",
    options: [
      { flags: "--roles", help: "also a role for each part: sluice_service, sluice_worker and so on" },
      { flags: "--role-prefix <prefix>", help: "what their names begin with, for two of us in one cluster" },
      {
        flags: "--tenant <tenant>",
        help: "with --roles: also a login for this tenant's services, which see and record that tenant alone",
        repeatable: true,
      },
      { flags: "--print", help: "with --roles: only print the SQL that makes them" },
    ],
    examples: ["sluice migrate", "sluice migrate --roles", "sluice migrate --roles --tenant acme"],
  },
  {
    name: "doctor",
    summary: "is everything set up? what is not, and what to do about it",
    about:
      "Looks at Postgres (version, schema, clock, notifications through a pooler), Temporal (search attributes, workers, schedules), the models of live versions (keys, addresses, prices) and what runs. Asks, and changes nothing; a vendor is asked for its list of models, which costs nothing. Exits 0 when all is well, 1 when there is something to do, 5 when a part cannot be reached.",
    examples: ["sluice doctor", "sluice doctor --json"],
  },
  {
    name: "worker",
    summary: "run rollouts, until SIGTERM",
    about: "As many as you like, on as many machines: it takes over what another one leaves.",
    examples: ["sluice worker"],
  },
  {
    name: "server",
    summary: "the HTTP server: prompts for every language, until SIGTERM",
    about:
      "Services read prompts and report outcomes with a key of `sluice keys create`. Listens on this machine alone unless TLS, or a proxy that speaks it, is named. Its log is JSON lines on stderr.",
    options: [
      { flags: "--listen <address>", help: "HOST:PORT; 127.0.0.1:7200 by default, port 0 for a free one" },
      { flags: "--tls-cert <file>", help: "certificate (PEM), with --tls-key" },
      { flags: "--tls-key <file>", help: "its private key (PEM)" },
      { flags: "--behind-proxy", help: "a proxy in front speaks TLS: listen beyond this machine without" },
      { flags: "--log-all", help: "a line of the log for each prompt that is served too, not counts alone" },
      {
        flags: "--upstream <address>",
        help: "relay for the server at https://KEY@host, without a database; or SLUICE_UPSTREAM",
      },
      { flags: "--data <folder>", help: "what a relay keeps; .sluice/relay by default" },
      { flags: "--snapshot <file>", help: "what a relay serves while it is cut off; in --data by default" },
    ],
    examples: [
      "sluice server",
      "sluice server --listen 127.0.0.1:0",
      "sluice server --upstream https://KEY@host",
    ],
  },
  {
    name: "model-server",
    summary: "the scripted model endpoint: OpenAI's and Anthropic's protocols, for nothing",
    options: [
      { flags: "--port <port>", help: "where to listen; a free port by default" },
      { flags: "--seed <number>", help: "all chance is drawn from it", default: "1" },
      { flags: "--latency <ms>", help: "how long an answer takes, give or take a fifth", default: "0" },
      { flags: "--error-rate <share>", help: "the share of attempts that fail, 0 to 1", default: "0" },
      {
        flags: "--faults <list>",
        help: "what those get, of those that docs/reference/model-server.md lists",
      },
      { flags: "--require-key <key>", help: "answer 401 to any other API key" },
    ],
    examples: ["sluice model-server --port 4010", "sluice model-server --latency 200 --error-rate 0.05"],
  },
  {
    name: "completion",
    summary: "the shell's completion script: bash, zsh or fish",
    arguments: [{ syntax: "<shell>", help: "bash, zsh or fish", completes: "shell" }],
    examples: ['eval "$(sluice completion bash)"', "sluice completion fish | source"],
  },
] as const satisfies readonly CommandSpec[];

/** Asked by the scripts of `sluice completion`. */
export const COMPLETE_COMMAND = {
  name: "complete",
  hidden: true,
  summary: "what may stand at the place of the last word",
  arguments: [{ syntax: "[words...]", help: "what was typed after sluice" }],
  examples: ["sluice complete -- rollout st"],
} as const satisfies CommandSpec;
