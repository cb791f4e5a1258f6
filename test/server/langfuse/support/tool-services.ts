import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const LITELLM = new URL("litellm_service.py", import.meta.url).pathname;
const WITHIN_MS = 180_000;

/** Where a tool gets its prompts, and where it asks models. */
export interface ToolPlace {
  readonly baseUrl: string;
  readonly secretKey: string;
  readonly models: string;
}

const keysOf = ({ baseUrl, secretKey }: ToolPlace) => ({
  LANGFUSE_PUBLIC_KEY: secretKey.slice(0, secretKey.indexOf("_", 4)),
  LANGFUSE_SECRET_KEY: secretKey,
  LANGFUSE_HOST: baseUrl,
  LANGFUSE_BASE_URL: baseUrl,
});

/** Has LiteLLM ask a model for each of these; what went wrong with each, or null. */
export async function askThroughLiteLlm(
  python: string,
  place: ToolPlace,
  job: { readonly prompt: string; readonly model: string; readonly asks: readonly object[] },
): Promise<(string | null)[]> {
  const env = { ...process.env, ...keysOf(place), LITELLM_LOCAL_MODEL_COST_MAP: "True" };
  const words = [LITELLM, JSON.stringify({ ...job, models: place.models })];
  const { stdout } = await promisify(execFile)(python, words, { env, timeout: WITHIN_MS });
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as string | null);
}

interface PromptfooResults {
  readonly results: {
    readonly results: readonly {
      readonly prompt: { readonly raw: string };
      readonly error?: string | null;
    }[];
  };
}

/** Has promptfoo evaluate these prompts; what each has come to, in their order. */
export async function evaluateByPromptfoo(
  command: string,
  place: ToolPlace,
  folder: string,
  prompts: readonly string[],
  vars: Readonly<Record<string, string>>,
): Promise<{ readonly sent: string; readonly error: string | null }[]> {
  await mkdir(folder, { recursive: true });
  const config = join(folder, "promptfooconfig.json");
  const out = join(folder, "out.json");
  const providers = [
    { id: "openai:chat:gpt-5.4-mini", config: { apiBaseUrl: place.models, apiKey: "local" } },
  ];
  await writeFile(config, JSON.stringify({ prompts, providers, tests: [{ vars }] }));
  const quiet = {
    PROMPTFOO_CONFIG_DIR: folder,
    PROMPTFOO_DISABLE_TELEMETRY: "1",
    PROMPTFOO_DISABLE_UPDATE: "1",
    PROMPTFOO_DISABLE_REMOTE_GENERATION: "1",
    PROMPTFOO_SELF_HOSTED: "1",
  };
  const words = ["eval", "-c", config, "-o", out, "--no-cache", "--no-table", "--no-write", "-j", "1"];
  const env = { ...process.env, ...keysOf(place), ...quiet };
  // It ends with another code than 0 where a case fails, which its file says better.
  const ran = await promisify(execFile)(process.execPath, [command, ...words], {
    env,
    timeout: WITHIN_MS,
  }).catch((error: { readonly stderr?: string; readonly stdout?: string }) => error);
  const text = await readFile(out, "utf8").catch(() => {
    throw new Error(`promptfoo wrote no results: ${ran.stdout}${ran.stderr}`);
  });
  const { results } = JSON.parse(text) as PromptfooResults;
  return results.results.map(({ prompt, error }) => ({ sent: prompt.raw, error: error ?? null }));
}
