import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { AwsClient } from "aws4fetch";
import { freePort } from "../../../src/local/processes/free-port.ts";
import type { BucketLogin } from "../../../src/outbound/bucket.ts";
import { goTool } from "../../go-tool.ts";

const PACKAGE = { package: "github.com/minio/minio", version: "RELEASE.2025-09-07T16-13-09Z" } as const;
const REGION = "us-east-1";
/** The name of the key that the server encrypts with. */
export const KMS_KEY = "sluice-proof";

export interface ObjectStore {
  readonly login: BucketLogin;
  /** `s3://…` of a bucket, with its endpoint. */
  place(bucket: string): string;
  /** Asks it as somebody else would, signed. */
  ask(path: string, method: string): Promise<Response>;
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/** MinIO on a folder, with one key to encrypt with. */
export async function startObjectStore(folder: string): Promise<ObjectStore> {
  const program = goTool(PACKAGE);
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const login = {
    accessKeyId: "sluice",
    secretAccessKey: randomBytes(16).toString("hex"),
    sessionToken: undefined,
  };
  const kmsSecret = `${KMS_KEY}:${randomBytes(32).toString("base64")}`;
  const client = new AwsClient({ ...login, sessionToken: "", service: "s3", region: REGION });
  let child: ChildProcess | undefined;
  const store: ObjectStore = {
    login,
    place: (bucket) => `s3://${bucket}/sluice?region=${REGION}&endpoint=${endpoint}`,
    ask: (path, method) => client.fetch(`${endpoint}/${path}`, { method, aws: { allHeaders: true } }),
    async kill() {
      if (child?.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
    async restart() {
      child = spawn(program, ["server", folder, "--address", `127.0.0.1:${port}`, "--quiet"], {
        env: {
          PATH: process.env["PATH"],
          HOME: folder,
          MINIO_ROOT_USER: login.accessKeyId,
          MINIO_ROOT_PASSWORD: login.secretAccessKey,
          MINIO_KMS_SECRET_KEY: kmsSecret,
          MINIO_BROWSER: "off",
        },
        stdio: ["ignore", "ignore", "inherit"],
      });
      for (let attempt = 0; attempt < 300; attempt++) {
        if (child.exitCode !== null) throw new Error(`MinIO ended with ${child.exitCode}`);
        const isReady = await fetch(`${endpoint}/minio/health/ready`).then(
          ({ ok }) => ok,
          () => false,
        );
        if (isReady) return;
        await delay(100);
      }
      throw new Error("MinIO was not ready within 30 s");
    },
  };
  await store.restart();
  return store;
}
