// A process of its own that starts a local server and then waits, for tests that kill it:
//   node server-owner.ts postgres|temporal FOLDER
// Prints {pid, url|address} when the server is ready. On SIGINT it stops the server and ends, as `dev` does.
import { readLocalMachine } from "../../src/config.ts";
import { startPostgres } from "../../src/local/postgres/postgres.ts";
import { startTemporal } from "../../src/local/temporal/temporal.ts";

const [what, dataDir] = process.argv.slice(2);
if (dataDir === undefined) throw new Error("which folder?");
const abort = new AbortController();
const waiting = setInterval(() => undefined, 60_000);
process.on("SIGINT", () => abort.abort());

const onProgress = (line: string) => process.stderr.write(`${line}\n`);
try {
  const server =
    what === "temporal"
      ? await startTemporal({ machine: readLocalMachine(), dataDir, signal: abort.signal, onProgress })
      : await startPostgres({ dataDir, signal: abort.signal, onProgress });
  process.stdout.write(`${JSON.stringify(server)}\n`);
  await new Promise<void>((ended) => {
    if (abort.signal.aborted) ended();
    abort.signal.addEventListener("abort", () => ended());
  });
  await server.stop();
} catch (error) {
  if (!abort.signal.aborted) throw error;
} finally {
  clearInterval(waiting);
}
