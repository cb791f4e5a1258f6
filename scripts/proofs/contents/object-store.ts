import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { AwsClient } from "aws4fetch";
import { freePort } from "../../../src/local/processes/free-port.ts";
import type { BucketLogin } from "../../../src/outbound/bucket-login.ts";
import { goTool } from "../../go-tool.ts";

const WEED = {
  package: "github.com/seaweedfs/seaweedfs/weed",
  version: "v0.0.0-20261109003541-7506e5f91cd6",
} as const;
const REGION = "us-east-1";
/** The key that the server has to encrypt with: it is made anew whenever the server starts. */
export const KMS_KEY = "alias/seaweedfs-default";

export interface ObjectStore {
  readonly login: BucketLogin;
  /** `s3://…` of a bucket, with its endpoint. */
  place(bucket: string): string;
  /** Asks it as somebody else would, signed. */
  ask(path: string, method: string): Promise<Response>;
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/** SeaweedFS on a folder, with one key to encrypt with. */
export async function startObjectStore(folder: string): Promise<ObjectStore> {
  const program = goTool(WEED);
  const parts = ["master", "volume", "filer", "s3"];
  const names = parts.flatMap((part) => [`${part}.port`, `${part}.port.grpc`]);
  const ports: [string, number][] = [];
  for (const name of names) ports.push([name, await freePort()]);
  const endpoint = `http://127.0.0.1:${new Map(ports).get("s3.port")}`;
  const login = {
    accessKeyId: "sluice",
    secretAccessKey: randomBytes(16).toString("hex"),
    sessionToken: undefined,
  };
  const config = join(folder, "s3.json");
  const { accessKeyId: accessKey, secretAccessKey: secretKey } = login;
  await writeFile(
    config,
    JSON.stringify({
      identities: [{ name: "sluice", credentials: [{ accessKey, secretKey }], actions: ["Admin"] }],
      kms: {
        default_provider: "local",
        providers: { local: { type: "local", enableOnDemandCreate: false } },
      },
    }),
  );
  const client = new AwsClient({
    accessKeyId: accessKey,
    secretAccessKey: secretKey,
    service: "s3",
    region: REGION,
  });
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
      child = spawn(
        program,
        [
          "server",
          "-s3",
          `-dir=${folder}`,
          "-ip=127.0.0.1",
          "-master.telemetry=false",
          "-master.volumeSizeLimitMB=64",
          "-volume.max=20",
          `-s3.config=${config}`,
          "-s3.autoCreateBucket=false",
          "-s3.port.iceberg=0",
          "-s3.port.lance=0",
          ...ports.map(([name, port]) => `-${name}=${port}`),
        ],
        { stdio: "ignore" },
      );
      for (let attempt = 0; attempt < 600; attempt++) {
        if (child.exitCode !== null) throw new Error(`SeaweedFS ended with ${child.exitCode}`);
        // Its list of buckets: the store behind the gateway answers, too.
        const isReady = await store.ask("", "GET").then(
          ({ ok }) => ok,
          () => false,
        );
        if (isReady) return;
        await delay(100);
      }
      throw new Error("SeaweedFS was not ready within a minute");
    },
  };
  await store.restart();
  return store;
}
