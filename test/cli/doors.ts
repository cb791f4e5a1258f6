import type { CommandBench } from "./command-bench.ts";
import { runSluice, type Ran, type Running, startSluice } from "./run-sluice.ts";

/** A server on a command bench's database, and commands that have nothing but its address and a key. */
export interface ServerDoor {
  readonly url: string;
  /** A key of an administrator whose owner is anna, as who commands of the tests are run. */
  readonly key: string;
  readonly env: Readonly<Record<string, string>>;
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ran>;
  start(args: readonly string[]): Running;
  close(): Promise<void>;
}

export async function openServerDoor(
  bench: CommandBench,
  own: Readonly<Record<string, string>> = {},
): Promise<ServerDoor> {
  const { key } = await bench.json<{ key: string }>(
    "keys create --name anna --role admin --owner anna".split(" "),
  );
  const server = startSluice(["server", "--listen", "127.0.0.1:0", "--json"], {
    cwd: bench.folder,
    env: { ...bench.env, ...own },
  });
  const { url } = JSON.parse(await server.said(/\{"url".*\}/)) as { url: string };
  const env = { SLUICE_URL: url, SLUICE_KEY: key };
  return {
    url,
    key,
    env,
    run: (args, more = {}) => runSluice(args, { cwd: bench.folder, env: { ...env, ...more } }),
    start: (args) => startSluice(args, { cwd: bench.folder, env }),
    async close() {
      server.child.kill("SIGTERM");
      await server.ended;
    },
  };
}
