import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readKey } from "../../access/key-text.ts";
import { actingAs } from "../../storage/acting-database.ts";
import { type Database, withDatabase } from "../../storage/database.ts";
import { checkKey } from "../../storage/read/checked-key.ts";
import { createKey } from "../../use-cases/create-key.ts";
import { openKeySession } from "../../use-cases/open-key-session.ts";
import { startOnFreePort } from "../processes/free-port.ts";
import { keepProcess, type KeptProcess, type KeptProcessOptions } from "./kept-process.ts";

/** TypeScript in a checkout, JavaScript in a release: as this file is. */
const PROGRAM = fileURLToPath(new URL(`../../cli/main${import.meta.url.slice(-3)}`, import.meta.url));
const USUAL_PORT = 7200;

export interface StackServer extends KeptProcess {
  readonly url: string;
  readonly port: number;
  /** An admin's, of this stack alone. */
  readonly key: string;
  /** The dashboard, with what signs a browser in, once. */
  readonly signInUrl: string;
}

export interface StartServerOptions extends Omit<KeptProcessOptions, "name" | "program" | "args"> {
  readonly databaseUrl: string;
  /** That of last time, so that the address outlives a restart. */
  readonly preferredPort: number | undefined;
}

/** The HTTP server of a stack, on this machine alone, with a key that stays the same while its database does. */
export async function startServerProcess(options: StartServerOptions): Promise<StackServer> {
  const { databaseUrl, preferredPort, ...rest } = options;
  const { key, session } = await withDatabase(databaseUrl, async (db) => {
    const key = await stackKey(db, join(options.dataDir, "key"));
    return { key, session: await openKeySession(actingAs(db, readKey(key)!)) };
  });
  const { port, started } = await startOnFreePort(preferredPort ?? USUAL_PORT, (free) =>
    keepProcess({
      ...rest,
      name: "server",
      program: PROGRAM,
      args: ["server", "--listen", `127.0.0.1:${free}`],
    }),
  );
  const url = `http://127.0.0.1:${port}`;
  return { ...started, url, port, key, signInUrl: `${url}/sign-in?once=${session}` };
}

async function stackKey(db: Database, file: string): Promise<string> {
  const last = readLast(file);
  const shown = last === undefined ? undefined : readKey(last);
  if (last !== undefined && shown && (await checkKey(db, shown))) return last;
  const owner = userInfo().username || "unknown";
  const made = await createKey(
    db,
    { name: "local stack", role: "admin", grants: {}, owner, expiresInMs: null },
    { by: owner },
  );
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${made.key}\n`, { mode: 0o600 });
  return made.key;
}

function readLast(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return undefined;
  }
}
