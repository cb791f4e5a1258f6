import { describe, expect, it } from "vitest";
import { readRepositoryFile } from "../../../src/domain/sync/repository-file.ts";

const read = (text: string) => readRepositoryFile(text, "sluice.yaml");

describe("sluice.yaml", () => {
  it("needs nothing: prompts/**/*.yaml go to production", () => {
    expect(read("{}")).toEqual({
      prompts: ["prompts/**/*.yaml"],
      policy: undefined,
      owner: "both",
      server: undefined,
      environments: [
        {
          name: "production",
          label: "production",
          from: undefined,
          liveForMs: 0,
          policy: undefined,
          scopes: [{ model: "", tenant: "" }],
        },
      ],
    });
  });

  it("has environments in their order, each with its label, its way there, and its scopes", () => {
    const { environments, ...rest } = read(`
prompts: [prompts/*.yaml, prompts.json]
policy: default.rollout.yaml
owner: git
server: https://prompts.example
environments:
  development: {}
  staging: { label: pre, from: development, policy: { gate: { dataset: golden.yaml } } }
  production: { from: staging, live_for: 24h, scopes: [{ tenant: acme }, { model: openai/GPT-5-mini }] }
`);
    expect(rest).toEqual({
      prompts: ["prompts/*.yaml", "prompts.json"],
      policy: "default.rollout.yaml",
      owner: "git",
      server: "https://prompts.example",
    });
    expect(environments).toMatchObject([
      { name: "development", label: "development", from: undefined },
      { name: "staging", label: "pre", from: "development", policy: { gate: { dataset: "golden.yaml" } } },
      {
        name: "production",
        from: "staging",
        liveForMs: 86_400_000,
        scopes: [
          { model: "", tenant: "acme" },
          { model: "gpt-5-mini", tenant: "" },
        ],
      },
    ]);
  });

  it.each([
    ["promts: x", /^sluice\.yaml:1:1: .*did you mean "prompts"/],
    ["owner: me", /^sluice\.yaml:1:8: owner/],
    ["prompts: []", /^sluice\.yaml:1:10: prompts/],
    ["server: prompts", /server: must be an address/],
    [
      "environments: { production: { from: staging } }",
      /from: names no environment that stands before production/,
    ],
    [
      "environments: { a: {}, b: { from: A } }",
      /from: names no environment that stands before b; did you mean "a"/,
    ],
    ["environments: { a: { from: a } }", /from: is the environment itself/],
    [
      "environments: { a: {}, b: { from: a, live_for: 1 day } }",
      /live_for: must be a time, as in 30m, 24h or 7d/,
    ],
    ["environments: { a: { live_for: 1d } }", /live_for: goes with `from`/],
    ["environments: { a: { label: Pro duction } }", /^sluice\.yaml:1:29: environments\.a\.label/],
    ["environments: { Prod: {} }", /^sluice\.yaml:1:\d+: environments\.Prod/],
    ["environments: { a: { label: x }, b: { label: x } }", /is the same label and scope as a/],
    ["environments: { a: { scopes: [{ tenant: t }, { tenant: t }] } }", /names one scope twice/],
    ["environments: { a: { scopes: [{ tenant: '' }] } }", /scopes.*tenant/],
  ])("is refused with its place: %s", (text, says) => {
    expect(() => read(text)).toThrow(says);
  });
});
