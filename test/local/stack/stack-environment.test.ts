import { describe, expect, it } from "vitest";
import { workerEnvironment } from "../../../src/local/stack/stack-environment.ts";

const parts = {
  databaseUrl: "postgres://stack",
  temporalAddress: "127.0.0.1:1",
  ownTemporal: false,
  noProfiles: "/stack/temporal.toml",
  modelServerUrl: "http://127.0.0.1:2",
  onlyScriptedModel: false,
};

describe("the environment of a stack's worker", () => {
  it("names the stack's database and Temporal, whatever the user's names", () => {
    const found = workerEnvironment(
      {
        PATH: "/bin",
        DATABASE_URL_FILE: "/secret",
        TEMPORAL_ADDRESS: "far:7233",
        TEMPORAL_API_KEY: "k",
        TEMPORAL_NAMESPACE: "prod",
      },
      parts,
    );
    expect(found).toMatchObject({
      PATH: "/bin",
      DATABASE_URL: "postgres://stack",
      TEMPORAL_ADDRESS: "127.0.0.1:1",
      TEMPORAL_NAMESPACE: "default",
      TEMPORAL_CONFIG_FILE: "/stack/temporal.toml",
    });
    expect(found).not.toHaveProperty("DATABASE_URL_FILE");
    expect(found).not.toHaveProperty("TEMPORAL_API_KEY");
  });

  it("keeps the way to a Temporal of the user's own", () => {
    const env = { TEMPORAL_ADDRESS: "far:7233", TEMPORAL_API_KEY: "k" };
    expect(workerEnvironment(env, { ...parts, ownTemporal: true })).toMatchObject(env);
  });

  it("calls the scripted model where a provider has neither key nor endpoint", () => {
    expect(workerEnvironment({ OPENAI_API_KEY: "sk-mine", ANTHROPIC_API_KEY: " " }, parts)).toMatchObject({
      OPENAI_API_KEY: "sk-mine",
      ANTHROPIC_API_KEY: "local",
      ANTHROPIC_BASE_URL: "http://127.0.0.1:2",
    });
    expect(workerEnvironment({ OPENAI_API_KEY: "sk-mine" }, parts)).not.toHaveProperty("OPENAI_BASE_URL");
  });

  it("calls nothing else where nothing may cost money", () => {
    const found = workerEnvironment(
      { OPENAI_API_KEY_FILE: "/key", OPENAI_BASE_URL: "https://far/v1", ANTHROPIC_API_KEY: "sk-mine" },
      { ...parts, onlyScriptedModel: true },
    );
    expect(found).toMatchObject({
      OPENAI_API_KEY: "local",
      OPENAI_BASE_URL: "http://127.0.0.1:2/v1",
      ANTHROPIC_API_KEY: "local",
      ANTHROPIC_BASE_URL: "http://127.0.0.1:2",
    });
    expect(found).not.toHaveProperty("OPENAI_API_KEY_FILE");
  });

  it("leaves providers alone without a scripted model", () => {
    expect(workerEnvironment({}, { ...parts, modelServerUrl: undefined })).not.toHaveProperty(
      "OPENAI_API_KEY",
    );
  });
});
