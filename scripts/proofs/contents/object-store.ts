import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { AwsClient } from "aws4fetch";
import { freePort } from "../../../src/local/processes/free-port.ts";
import type { BucketLogin } from "../../../src/outbound/bucket-login.ts";
import { pythonWith } from "../../../test/support/python-packages.ts";

const VERSION = "5.2.1";
const INSTALL_MS = 600_000;
const REGION = "us-east-1";

export interface ObjectStore {
  readonly login: BucketLogin;
  /** `s3://…` of a bucket, with its endpoint. */
  place(bucket: string): string;
  /** Asks it as somebody else would, signed. */
  ask(path: string, method: string): Promise<Response>;
  kill(): Promise<void>;
  /** What it had is gone: it keeps everything in memory. */
  restart(): Promise<void>;
}

/** Moto's S3, a server program that is none of ours. It looks at no signature, and encrypts in words alone. */
export async function startObjectStore(): Promise<ObjectStore> {
  const found = await pythonWith(`moto-${VERSION}`, [`moto[s3,server]==${VERSION}`], INSTALL_MS);
  if ("missing" in found) throw new Error(`moto ${VERSION} cannot be installed: ${found.missing}`);
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const login = { accessKeyId: "sluice", secretAccessKey: "proof", sessionToken: undefined };
  const { accessKeyId, secretAccessKey } = login;
  const client = new AwsClient({ accessKeyId, secretAccessKey, service: "s3", region: REGION, retries: 0 });
  let child: ChildProcess | undefined;
  const store: ObjectStore = {
    login,
    place: (bucket) => `s3://${bucket}/sluice?region=${REGION}&endpoint=${endpoint}`,
    ask: (path, method) => client.fetch(`${endpoint}/${path}`, { method }),
    async kill() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
    async restart() {
      child = spawn(found.python, ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)], {
        stdio: "ignore",
      });
      for (let attempt = 0; attempt < 600; attempt++) {
        if (child.exitCode !== null) throw new Error(`moto ended with ${child.exitCode}`);
        const isReady = await store.ask("", "GET").then(
          ({ ok }) => ok,
          () => false,
        );
        if (isReady) return;
        await delay(100);
      }
      throw new Error("moto was not ready within a minute");
    },
  };
  await store.restart();
  return store;
}
