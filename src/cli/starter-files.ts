/** What `sluice init` writes, by path. It passes its own gate on the scripted model that `sluice dev` runs. */
export const STARTER_FILES: Readonly<Record<string, string>> = {
  "prompts/support-reply.yaml": `name: support-reply
description: Answers a customer's question
tags: [support]
model: openai/gpt-5-mini
params: { temperature: 0.2, max_tokens: 400 }
variables:
  product: { type: string, required: true }
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
  "prompts/support-reply.rollout.yaml": `# How a new version goes live. Try it with these short times; in earnest use hours and thousands of units.
gate:
  dataset: ../golden/support-reply.yaml
  min_pass_rate: 0.9
  max_regression: 0.05
  on_insufficient: canary # so few cases cannot exclude a small regression: let the users decide
metrics:
  rating: { window: 10s, cap: 5 }
  error: { kind: rare, window: 10s }
canary:
  stages: [{ share: 5%, for: 30s }, { share: 25%, for: 30s }, { share: 50% }]
  interval: 2s
  min_units: 50
  max_units: 1000
  max_duration: 1h
  goal: { metric: rating, direction: higher, claim: non_inferior, margin: 0.3 }
  guardrails:
    - { metric: error, direction: lower, tolerated_ratio: 1.5 }
  fuses: [{ metric: error, above: 0.2, ticks: 2 }]
  lease: 30s
# approval: { before: promote, approvers: 1, timeout: 24h, distinct_author: true }
# watch: { for: 24h, holdback: 5% }
`,
  "golden/support-reply.yaml": `# What every version must get right, in promptfoo's test-case format.
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
  ".github/workflows/prompts.yml": `# The gate on every pull request: a prompt that is worse than the one on the main branch does not get in.
name: prompts
on:
  pull_request:
    paths: [prompts/**, golden/**]
jobs:
  gate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with: { fetch-depth: 0 }
      - uses: actions/setup-node@v4
        with: { node-version: 24 }
      - name: gate
        env:
          BASE: origin/\${{ github.base_ref }}
          OPENAI_API_KEY: \${{ secrets.OPENAI_API_KEY }}
        run: >
          npx sluice eval prompts/support-reply.yaml
          --baseline "git:$BASE:prompts/support-reply.yaml"
          --junit gate.xml --markdown gate.md
      - name: summary
        if: always()
        run: cat gate.md >> "$GITHUB_STEP_SUMMARY" || true
`,
  ".gitignore": `.sluice/
`,
};

/** What to type next, by which the starter goes live. */
export function starterSteps(folder: string): string[] {
  return [
    "Next:",
    ...(folder === "." ? [] : [`  cd ${folder}`]),
    "  sluice dev                                      # in a terminal of its own: Postgres, Temporal, a worker, a scripted model",
    "  sluice eval prompts/support-reply.yaml          # the gate, on that model; set OPENAI_API_KEY before dev for a real one",
    '  sluice push -m "first version"',
    "  sluice rollout start support-reply@1 --wait     # nothing is live yet, so a passed gate promotes it",
    "  sluice resolve support-reply --unit user-1      # what a service gets",
    "Then change the prompt, push again, and roll out support-reply@2: it meets 5 % of the users first.",
  ];
}
