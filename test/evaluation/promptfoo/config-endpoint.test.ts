import { describe, expect, it } from "vitest";
import { readHost } from "../../../src/evaluation/promptfoo/config-endpoint.ts";
import { parsePromptfooConfig } from "../../../src/evaluation/promptfoo/parse-config.ts";

const OWN = { openai: "https://gateway.example/v1", anthropic: "https://api.anthropic.com" };

function endpoint(
  config: string,
  { hosts = [], env = {}, provider = "openai:m" }: { hosts?: string[]; env?: object; provider?: string } = {},
) {
  const text = `prompts: [hello]\nproviders:\n  - { id: ${provider}, config: { ${config} } }\ntests: [{ assert: [{ type: equals, value: x }] }]\n`;
  const access = { own: OWN, hosts: hosts.map(readHost), env: env as Record<string, string> };
  return parsePromptfooConfig(text, "c.yaml", { access }).columns[0]!.endpoint;
}

describe("a provider that names an address of its own", () => {
  it.each([
    ["apiBaseUrl: 'https://evil.example/v1'", "evil.example"],
    ["apiHost: evil.example", "evil.example"],
    ["apiBaseUrl: 'http://127.0.0.1:9000/v1'", "127.0.0.1:9000"],
    ["apiBaseUrl: 'http://0x7f.1:9000'", "127.0.0.1:9000"],
    ["apiBaseUrl: 'http://[::1]:9000'", "[::1]:9000"],
    ["apiBaseUrl: 'https://gateway.example.evil.example'", "gateway.example.evil.example"],
    ["apiBaseUrl: 'https://gateway.example:8443/v1'", "gateway.example:8443"],
    ["apiBaseUrl: 'http://gateway.example/v1'", "gateway.example"],
  ])("is refused: %s", (config, host) => {
    expect(() => endpoint(config)).toThrow(
      `c.yaml:3:5: the provider is to be asked at ${host}, which is not where your own calls go; if you trust it, allow it with --allow-network ${host}`,
    );
  });

  it("is asked there when the host was allowed, on any port unless one was named", () => {
    const config = "apiBaseUrl: 'http://localhost:11434/v1/'";
    for (const host of ["localhost", "LOCALHOST:11434"])
      expect(endpoint(config, { hosts: [host] })).toEqual({ baseURL: "http://localhost:11434/v1" });
    expect(() => endpoint(config, { hosts: ["localhost:80", "host", "127.0.0.1"] })).toThrow(
      "--allow-network",
    );
    expect(endpoint("apiHost: other.example", { hosts: ["other.example:443"] })).toEqual({
      baseURL: "https://other.example/v1",
    });
    const claude = { provider: "anthropic:messages:m", hosts: ["other.example"] };
    expect(endpoint("apiHost: other.example", claude)).toEqual({ baseURL: "https://other.example" });
  });

  it("is the user's own where it says the same, and without the user's key anywhere else on that host", () => {
    expect(endpoint("apiBaseUrl: 'https://gateway.example/v1/'")).toBeUndefined();
    expect(endpoint("apiBaseUrl: 'https://gateway.example/other'")).toEqual({
      baseURL: "https://gateway.example/other",
    });
    // The other vendor's own endpoint is not this one's.
    expect(() => endpoint("apiBaseUrl: 'https://api.anthropic.com'")).toThrow("--allow-network");
  });

  it.each([
    "ftp://x.example",
    "https://user:secret@x.example",
    "https://x.example/?q=1",
    "x.example",
    "file:///etc",
  ])("is refused where it is no plain address: %s", (address) => {
    expect(() => endpoint(`apiBaseUrl: '${address}'`, { hosts: ["x.example"] })).toThrow(
      /c\.yaml:3:5: the provider's address must be plain http/,
    );
  });
});

describe("a provider's key", () => {
  it("comes from a variable that was allowed", () => {
    const url = "apiBaseUrl: 'https://x.example/v1'";
    const allowed = { hosts: ["x.example"], env: { X_KEY: "sesame" } };
    for (const key of ["apiKey: '{{ env.X_KEY }}'", "apiKeyEnvar: X_KEY"]) {
      expect(endpoint(`${url}, ${key}`, allowed)).toEqual({
        baseURL: "https://x.example/v1",
        apiKey: "sesame",
      });
      expect(() => endpoint(`${url}, ${key}`, { hosts: ["x.example"] })).toThrow("--allow-env X_KEY");
      // With no address of its own it is for the user's own endpoint.
      expect(endpoint(key, allowed)).toEqual({ baseURL: OWN.openai, apiKey: "sesame" });
    }
  });

  it.each(["sk-123", "{{ env.X_KEY }}-more", "Bearer {{ env.X_KEY }}"])(
    "does not stand in the file: %s",
    (key) => {
      expect(() => endpoint(`apiKey: '${key}'`, { env: { X_KEY: "sesame" } })).toThrow(
        /c\.yaml:3:5: a key does not belong in a file; write apiKey: "\{\{ env\.NAME \}\}"/,
      );
    },
  );
});

it.each(["https://x.example", "x.example/v1", "x y", "", "*.example", "user@x", "x:port"])(
  "--allow-network takes a host, not %j",
  (text) => {
    expect(() => readHost(text)).toThrow(/write a host, such as/);
  },
);
