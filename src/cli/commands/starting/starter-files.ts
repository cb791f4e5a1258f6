import { nodeName, ownName } from "../../own-name.ts";
import { wrap } from "../../../terminal/text-layout.ts";

/** What `sluice init` writes, by path. It passes its own gate on the scripted model that `sluice dev` runs. */
export function starterFiles(): Record<string, string> {
  return STARTER_FILES;
}

const STARTER_FILES: Readonly<Record<string, string>> = {
  "sluice.yaml": `# yaml-language-server: $schema=./node_modules/sluice/schemas/sluice.schema.json
# Where the prompts are, and where a version is taken, in order (sluice sync plan).
prompts: prompts/**/*.yaml
environments:
  production: { label: production }
`,
  "prompts/support-reply.yaml": `# yaml-language-server: $schema=../node_modules/sluice/schemas/prompt.schema.json
name: support-reply
description: Answers a customer's question
tags: [support]
model: openai/gpt-5.4-mini
params: { temperature: 0.2, max_tokens: 400 }
variables:
  product: { type: string, required: true, trusted: true }
  # What comes from outside is untrusted: it never reaches the system message.
  question: { type: string, required: true, untrusted: true, max_length: 4000 }
messages:
  - role: system
    content: |
      You answer questions of customers of {{ product }}. Be brief.
      Use only the facts below; when they do not answer the question, say so.
      - Refunds: a full refund within 30 days of the purchase.
      - Password: the reset link is valid for 24 hours.
      - Delivery: standard delivery takes 3 to 5 working days.
  - role: user
    content: "{{ question }}"
policy: support-reply.rollout.yaml
`,
  "prompts/support-reply.rollout.yaml": `# yaml-language-server: $schema=../node_modules/sluice/schemas/policy.schema.json
# How a new version goes live. Try it with these short times; in earnest use hours and thousands of units.
gate:
  dataset: golden/support-reply.yaml
  min_pass_rate: 0.9
  max_regression: 0.05
  on_insufficient: canary # so few cases cannot rule a small regression out: what looks fine goes to a few users
metrics: # windows of seconds for imaginary users. In earnest leave them out: 15 minutes, as an SDK may take
  rating: { window: 10s, cap: 5 }
  error: { kind: rare, window: 10s }
canary:
  stages: [{ share: 5%, for: 10s }, { share: 25%, for: 10s }, { share: 50% }]
  interval: 2s
  min_units: 50
  max_units: 1000
  max_duration: 1h
  goal: { metric: rating, direction: higher, claim: non_inferior, margin: 0.3 }
  guardrails:
    - { metric: error, direction: lower, tolerated_increase: 5pp } # for few users; in earnest leave it out
  fuses: [{ metric: error, above: 0.2 }]
  lease: 30s
# approval: { before: promote, approvers: 1, timeout: 24h, distinct_author: true }
# watch: { for: 24h, holdback: 5% }
`,
  "prompts/golden/support-reply.yaml": `# yaml-language-server: $schema=../../node_modules/sluice/schemas/dataset.schema.json
# What every version must get right, in promptfoo's test-case format.
- description: names the days of a refund
  vars: { product: Lumen, question: "I bought the wrong plan last week. Can I get a refund?" }
  assert:
    - { type: icontains, value: "30 days" }
- description: says how long the reset link is valid
  vars: { product: Lumen, question: "I forgot my password. What do I do?" }
  assert:
    - { type: icontains, value: "24 hours" }
- description: says how long delivery takes
  vars: { product: Lumen, question: "When will my order be delivered? How long does shipping take?" }
  assert:
    - { type: icontains, value: "3 to 5 working days" }
- description: knows a refund by another name
  vars: { product: Lumen, question: "Can I return what I bought and get my money back?" }
  assert:
    - { type: icontains, value: "30 days" }
- description: helps a customer who is locked out
  vars: { product: Lumen, question: "I am locked out and cannot log in." }
  assert:
    - { type: icontains, value: "24 hours" }
- description: does not talk about itself
  vars: { product: Lumen, question: "Can I get my money back?" }
  assert:
    - { type: not-icontains, value: "language model" }
`,
  ".github/workflows/prompts.yml": `# A pull request is told in one comment what its prompts would do to users: each is held to its gate against the
# base branch. What is merged is rolled out, once the repository's variable SLUICE_URL names a Sluice server.
name: prompts
on:
  pull_request:
    paths: [prompts/**, sluice.yaml, package-lock.json]
  push:
    paths: [prompts/**, sluice.yaml]
permissions:
  contents: read
  pull-requests: write # the comment; the job of a fork may not, and writes its summary
  checks: write # the check, with what it says at the lines of files
  id-token: write # who the job is, at the Sluice server
concurrency: { group: "prompts-\${{ github.ref }}" }
jobs:
  gate:
    if: github.event_name == 'pull_request'
    runs-on: ubuntu-latest
    env:
      BASE: origin/\${{ github.base_ref }}
      IS_DRAFT: \${{ github.event.pull_request.draft }}
      GITHUB_TOKEN: \${{ github.token }}
      OPENAI_API_KEY: \${{ secrets.OPENAI_API_KEY }}
      SLUICE_URL: \${{ vars.SLUICE_URL }}
    steps:
      - uses: actions/checkout@v4
        with: { fetch-depth: 0 }
      - uses: actions/setup-node@v4
        with: { node-version: 24, cache: npm }
      - run: npm ci
      - name: a scripted model, for as long as the repository has no key
        if: env.OPENAI_API_KEY == ''
        run: |
          npx --no-install sluice model-server --port 8765 > model-server.log 2>&1 &
          curl --silent --output /dev/null --retry 30 --retry-connrefused --retry-delay 1 http://127.0.0.1:8765/
          echo "OPENAI_BASE_URL=http://127.0.0.1:8765/v1" >> "$GITHUB_ENV"
          echo "OPENAI_API_KEY=scripted" >> "$GITHUB_ENV"
      - name: answers of earlier runs
        uses: actions/cache@v4
        with:
          path: .sluice/results
          key: sluice-\${{ github.run_id }}
          restore-keys: sluice-
      - name: gate
        run: |
          options=()
          if [ "$IS_DRAFT" = true ]; then options+=(--quick); fi
          # Another Sluice, or another library of checks: every prompt is held to its gate again.
          if ! git diff --quiet "$BASE" -- package-lock.json; then options+=(--all); fi
          # Without a token of its own, as a fork's job is, it cannot ask the server what merging would do.
          if [ -z "\${ACTIONS_ID_TOKEN_REQUEST_URL:-}" ]; then unset SLUICE_URL; fi
          npx --no-install sluice sync review --publish --base "$BASE" --max-cost 5 --results .sluice/results --junit gate.xml "\${options[@]}"
  apply:
    if: github.event_name == 'push' && github.ref_name == github.event.repository.default_branch && vars.SLUICE_URL != ''
    runs-on: ubuntu-latest
    env:
      SLUICE_URL: \${{ vars.SLUICE_URL }}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 24, cache: npm }
      - run: npm ci
      - run: npx --no-install sluice sync apply
`,
  ".gitignore": `.sluice/
node_modules/
gate.xml
model-server.log
`,

  // Imaginary users: they show how a service uses the library, and give a canary somebody to decide by.
  "users.mjs": `// Imaginary users, to try a rollout on: fifty a second ask a question, and rate the answer. Ctrl-C ends them.
// The lines marked with * are what a service does.
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { createResolver } from "sluice/resolver"; // *

const dev = runningDev();
const prompts = await createResolver({ source: dev.databaseUrl, preload: ["support-reply"] }); // *
const QUESTIONS = ["Can I get a refund?", "I forgot my password.", "When will my order be delivered?"];
const got = {};
let stopped = false;
process.once("SIGINT", () => (stopped = true));

const run = Date.now();
for (let user = 1; !stopped; user++) {
  serve(\`user-\${run}-\${user}\`, QUESTIONS[user % QUESTIONS.length]).catch(giveUp);
  if (user % 250 === 0) console.log(\`\${user} users: \${JSON.stringify(got)}\`);
  await delay(20);
}
await prompts.close(); // *

async function serve(unit, question) {
  const prompt = await prompts.resolve({ prompt: "support-reply", unit }); // *
  const request = prompt.toOpenAI({ product: "Lumen", question }); // *
  const response = await fetch(\`\${dev.modelServerUrl}/v1/chat/completions\`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
  });
  const answer = response.ok ? (await response.json()).choices[0].message.content : "";
  prompts.record(prompt, { metrics: { rating: rate(answer), error: response.ok ? 0 : 1 } }); // *
  const version = prompt.version === null ? "nothing is live" : \`version \${prompt.version}\`;
  got[version] = (got[version] ?? 0) + 1;
}

// Users like a short answer that states a fact, and differ in taste.
function rate(answer) {
  const liked = /\\d/.test(answer) && answer.split(" ").length < 60;
  return (liked ? 3.5 : 2) + 1.5 * Math.random();
}

function runningDev() {
  try {
    return JSON.parse(readFileSync(".sluice/dev.json", "utf8"));
  } catch {
    console.error("start \`sluice dev\` in this folder first");
    process.exit(1);
  }
}

function giveUp(error) {
  console.error(\`the users have gone: \${error.cause?.message ?? error.message}\`);
  process.exit(1);
}
`,
};

/** What to type next, by which the starter goes live, and its second version through a canary. */
export function starterSteps(
  folder: string,
  directory: string,
  { width, isLink }: { readonly width: number; readonly isLink: boolean },
): string[] {
  const sluice = ownName(directory);
  const cd = folder === "." ? [] : [`  cd ${folder}`];
  const steps = [
    "Next, what the project needs; commit package-lock.json too, the workflow installs by it:",
    ...cd,
    "  npm install",
    "In a terminal of its own: Postgres, Temporal, a worker and a scripted model, until Ctrl-C",
    ...cd,
    `  ${sluice} dev`,
    "In a second terminal, the gate alone, on that model (for a real one set OPENAI_API_KEY in both):",
    ...cd,
    `  ${sluice} eval prompts/support-reply.yaml`,
    "Version 1: nothing is live yet, so a passed gate promotes it.",
    `  ${sluice} push -m "first version"`,
    `  ${sluice} rollout start support-reply@1 --wait`,
    "In a third terminal, users who are served and rate what they get, until Ctrl-C:",
    ...cd,
    // A checkout is not built: Node runs its source.
    `  ${nodeName()} ${isLink ? "--conditions=source " : ""}users.mjs`,
    "Version 2: 5 % of the users get it first; within a minute or two it is proven no worse, and promoted.",
    "  sed -i.bak 's/Be brief\\./Be brief and friendly./' prompts/support-reply.yaml",
    `  ${sluice} push -m "friendlier"`,
    `  ${sluice} rollout start support-reply@2 --wait`,
  ];
  // A command stays in one piece: it is there to be pasted.
  return steps.flatMap((line) => (line.startsWith("  ") ? [line] : wrap(line, width)));
}
