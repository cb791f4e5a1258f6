import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { ServedUser } from "./langfuse-canary.ts";

const SCRIPT = new URL("langfuse_service.py", import.meta.url).pathname;

interface PythonJob {
  readonly prompt: string;
  readonly users: readonly string[];
  /** What each version is rated. */
  readonly scores: Readonly<Record<string, number>>;
}

/** Runs a service with Langfuse's client for Python; what each user was served. */
export async function runPythonService(
  python: string,
  baseUrl: string,
  secretKey: string,
  job: PythonJob,
): Promise<ServedUser[]> {
  const keys = {
    LANGFUSE_PUBLIC_KEY: secretKey.slice(0, secretKey.indexOf("_", 4)),
    LANGFUSE_SECRET_KEY: secretKey,
    LANGFUSE_HOST: baseUrl,
    LANGFUSE_BASE_URL: baseUrl,
  };
  const env = { ...process.env, ...keys };
  const { stdout } = await promisify(execFile)(python, [SCRIPT, JSON.stringify(job)], {
    env,
    timeout: 150_000,
  });
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as ServedUser);
}
