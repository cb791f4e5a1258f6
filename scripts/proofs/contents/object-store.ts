import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { AwsClient } from "aws4fetch";
import { freePort } from "../../../src/local/processes/free-port.ts";
import type { BucketLogin } from "../../../src/outbound/bucket-login.ts";
import { goTool } from "../../go-tool.ts";

const MINIO = { package: "github.com/minio/minio", version: "v0.0.0-20260212201848-7aac2a2c5b7c" };
const REGION = "eu-central-1";
const READY_WITHIN_MS = 60_000;

/** The name of the one key that it has. */
export const KEY = "proof";

export interface ObjectStore {
  readonly login: BucketLogin;
  /** `s3://…` of a bucket, with its endpoint. */
  place(bucket: string): string;
  /** Asks it as somebody else would, signed. */
  ask(path: string, method: string): Promise<Response>;
  /** Whether a text stands in any of its files as it is. */
  keepsInTheOpen(text: string): boolean;
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Starts it on an empty disk. */
  restartEmpty(): Promise<void>;
}

/** MinIO, a server program that is none of ours: it checks signatures, and encrypts with a named key of its own. */
export async function startObjectStore(folder: string): Promise<ObjectStore> {
  const program = goTool(MINIO);
  const disk = join(folder, "objects");
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const login = { accessKeyId: "sluice", secretAccessKey: "proof-of-contents", sessionToken: undefined };
  const { accessKeyId, secretAccessKey } = login;
  const client = new AwsClient({ accessKeyId, secretAccessKey, service: "s3", region: REGION, retries: 0 });
  let child: ChildProcess | undefined;
  const store: ObjectStore = {
    login,
    place: (bucket) => `s3://${bucket}/sluice?region=${REGION}&endpoint=${endpoint}`,
    ask: (path, method) => client.fetch(`${endpoint}/${path}`, { method }),
    keepsInTheOpen: (text) =>
      readdirSync(disk, { recursive: true, withFileTypes: true }).some(
        (entry) => entry.isFile() && readFileSync(join(entry.parentPath, entry.name)).includes(text),
      ),
    async kill() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
    async restart() {
      mkdirSync(disk, { recursive: true });
      let said = "";
      child = spawn(program, ["server", "--quiet", "--address", `127.0.0.1:${port}`, disk], {
        stdio: ["ignore", "pipe", "pipe"],
        env: {
          HOME: folder,
          MINIO_ROOT_USER: accessKeyId,
          MINIO_ROOT_PASSWORD: secretAccessKey,
          MINIO_KMS_SECRET_KEY: `${KEY}:${Buffer.alloc(32, KEY).toString("base64")}`,
          MINIO_SITE_REGION: REGION,
          MINIO_BROWSER: "off",
          MINIO_UPDATE: "off",
        },
      });
      for (const stream of [child.stdout!, child.stderr!])
        stream.on("data", (data: Buffer) => void (said = (said + data.toString()).slice(-4_000)));
      const until = performance.now() + READY_WITHIN_MS;
      while (performance.now() < until) {
        if (child.exitCode !== null) throw new Error(`minio ended with ${child.exitCode}: ${said}`);
        const isReady = await store.ask("", "GET").then(
          ({ ok }) => ok,
          () => false,
        );
        if (isReady) return;
        await delay(100);
      }
      throw new Error(`minio was not ready within a minute: ${said}`);
    },
    async restartEmpty() {
      await store.kill();
      rmSync(disk, { recursive: true, force: true });
      await store.restart();
    },
  };
  await store.restart();
  return store;
}
