import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KEY, signatureProblem } from "../../outbound/aws-signature.ts";
import type { AuditCheckpoint } from "../../../src/domain/shapes/audit-checkpoint.ts";
import { checkpointKeeper } from "../../../src/outbound/checkpoint-keeper.ts";
import { readPermittedAddresses } from "../../../src/outbound/permitted-addresses.ts";
import { openDatabase } from "../../../src/storage/database.ts";
import { keepCheckpoint } from "../../../src/use-cases/keep-checkpoint.ts";
import { createCommandBench, type CommandBench } from "../command-bench.ts";
import { openServerDoor, type ServerDoor } from "../doors.ts";
import type { Ran } from "../run-sluice.ts";

const PAGE = new URL("../../../docs/reference/operations.md", import.meta.url);
const HOUR = 3_600_000;

describe("a checkpoint of the audit log", () => {
  let bench: CommandBench;
  let door: ServerDoor;
  let admin: pg.Client;
  beforeAll(async () => {
    bench = await createCommandBench();
    door = await openServerDoor(bench);
    admin = new pg.Client(bench.env["DATABASE_URL"]);
    await admin.connect();
    const script = /```js\n(\/\/ verify-audit\.mjs\n[\s\S]*?)```/.exec(await readFile(PAGE, "utf8"))![1]!;
    await bench.file("verify-audit.mjs", script);
    await grow("first");
    await grow("second");
    await bench.file("checkpoint.json", (await bench.run(["audit", "checkpoint"])).stdout);
    await grow("third");
  });
  afterAll(async () => {
    await admin.end();
    await door.close();
    await bench.close();
  });

  /** Two more entries, of two chains; the third is of what is about no prompt, such as keys. */
  async function grow(words: string): Promise<void> {
    for (const name of ["greeting", "shop/refund"])
      await bench.file(
        `${name.replace("/", "-")}.yaml`,
        `name: ${name}\nmodel: openai/gpt-4.1-mini\nmessages: [{ role: user, content: ${words} }]\n`,
      );
    const pushed = await bench.run(["push", "-m", words, "greeting.yaml", "shop-refund.yaml"]);
    expect(pushed.code).toBe(0);
  }

  const doors = (args: readonly string[]): Promise<Ran[]> => Promise.all([bench.run(args), door.run(args)]);
  const VERIFY = ["audit", "--verify", "--checkpoint", "checkpoint.json"];

  /** As whoever owns the schema can, and puts everything back. */
  async function meddle(work: string, look: () => Promise<void>): Promise<void> {
    await admin.query("create temp table kept as select * from sluice.audit");
    await admin.query("create temp table kept_heads as select * from sluice.audit_heads");
    await admin.query("set session_replication_role = replica");
    try {
      await admin.query(work);
      await look();
    } finally {
      await admin.query(
        `truncate sluice.audit, sluice.audit_heads; insert into sluice.audit select * from kept;
         insert into sluice.audit_heads select * from kept_heads; drop table kept; drop table kept_heads;
         set session_replication_role = origin`,
      );
    }
  }
  const CUT = `delete from sluice.audit where prompt = 'shop/refund' and seq > 1;
    update sluice.audit_heads h set seq = a.seq, hash = a.hash from sluice.audit a
    where a.prompt = h.prompt and h.prompt = 'shop/refund'`;
  const REWRITE = `do $$ declare entry sluice.audit; before text := repeat('0', 64); begin
      for entry in select * from sluice.audit where prompt = 'greeting' order by seq loop
        entry.reason := 'nothing to see'; entry.previous_hash := before; entry.hash := sluice.audit_hash(entry);
        update sluice.audit set reason = entry.reason, previous_hash = before, hash = entry.hash
        where prompt = 'greeting' and seq = entry.seq;
        before := entry.hash;
      end loop;
      update sluice.audit_heads set hash = before where prompt = 'greeting';
    end $$`;

  it("finds newest entries that were cut off, and a chain that was written anew, which the log itself cannot show", async () => {
    for (const ran of await doors(VERIFY))
      expect(ran).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/goes through the checkpoint[^]*whole/),
      });
    for (const [work, says] of [
      [CUT, /shop\/refund, entry 2: it was there at the checkpoint and is missing/],
      [REWRITE, /greeting, entry 2: it is another entry than at the checkpoint/],
    ] as const)
      await meddle(work, async () => {
        expect(await bench.run(["audit", "--verify"])).toMatchObject({
          code: 0,
          stdout: expect.stringContaining("whole"),
        });
        for (const ran of await doors(VERIFY))
          expect(ran).toMatchObject({ code: 1, stdout: expect.stringMatching(says) });
      });
    expect((await bench.run(VERIFY)).code).toBe(0);
  });

  it("that was changed, or is none, is refused with what to give", async () => {
    const written = await readFile(join(bench.folder, "checkpoint.json"), "utf8");
    await bench.file("changed.json", written.replace('"seq":2', '"seq":9'));
    await bench.file("none.json", '{"format":"x"}');
    await bench.file("no.json", "no");
    for (const [args, says] of [
      [["--verify", "--checkpoint", "changed.json"], "changed.json was changed after it was written"],
      [["--verify", "--checkpoint", "none.json"], "none.json is no checkpoint"],
      [["--verify", "--checkpoint", "no.json"], "no.json is not JSON"],
      [["--verify", "--checkpoint", "absent.json"], "there is no such file"],
      [["--checkpoint", "checkpoint.json"], "--checkpoint goes with --verify"],
      [["greeting", "--verify", "--checkpoint", "checkpoint.json"], "leave the name out"],
    ] as const)
      for (const ran of await doors(["audit", ...args]))
        expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining(says) });
  });

  it("and the exported log are checked without Sluice, by the page's own script", async () => {
    const [own, served] = await doors(["audit", "export"]);
    expect(served!.stdout).toBe(own!.stdout);
    const [some] = await doors(["audit", "export", "greeting"]);
    expect(own!.stdout).toContain(some!.stdout);
    const check = async (log: string) => {
      await bench.file("audit.jsonl", log);
      return new Promise<string>((settle) =>
        execFile(
          process.execPath,
          ["verify-audit.mjs", "audit.jsonl", "checkpoint.json"],
          { cwd: bench.folder },
          (_, stdout) => settle(stdout),
        ),
      );
    };
    const script = await readFile(join(bench.folder, "verify-audit.mjs"), "utf8");
    expect(script.trimEnd().split("\n").length).toBeLessThanOrEqual(50);
    const lines = own!.stdout.trimEnd().split("\n");
    expect(await check(own!.stdout)).toBe("whole: 3 chains\n");
    expect(await check(own!.stdout.replace('"reason":"second"', '"reason":"2nd"'))).toMatch(
      /entry \d: it says something else than its content\nNOT whole/,
    );
    expect(await check(own!.stdout.replaceAll("second", "2nd"))).toMatch(
      /its hash is not that of its content/,
    );
    expect(await check(lines.toSpliced(2, 1).join("\n"))).toMatch(/entry 3: an entry before it is missing/);
    expect(await check(lines.slice(0, -2).join("\n"))).toMatch(
      /shop\/refund, entry 2: missing since the checkpoint/,
    );
    await meddle(REWRITE, async () => {
      const { stdout } = await bench.run(["audit", "export"]);
      expect(await check(stdout)).toBe("greeting, entry 2: another since the checkpoint\nNOT whole\n");
    });
  });

  it("is kept by one worker of many, while the log grows, in a folder or by a signed post", async () => {
    const db = openDatabase(bench.env["DATABASE_URL"]!, { max: 4 });
    const posted: { body: string; headers: Record<string, unknown> }[] = [];
    let status = 503;
    const receiver = createServer((request, response) => {
      void text(request).then((body) => {
        posted.push({ body, headers: request.headers });
        response.writeHead(status).end();
      });
    }).listen(0, "127.0.0.1");
    await new Promise((settle) => receiver.once("listening", settle));
    const folder = join(bench.folder, "kept");
    const permitted = readPermittedAddresses("127.0.0.1");
    const inFolder = checkpointKeeper({
      place: folder,
      secret: undefined,
      bucketLogin: undefined,
      permitted,
    });
    const { port } = receiver.address() as AddressInfo;
    const byPost = checkpointKeeper({
      place: `http://127.0.0.1:${port}/c?key=x`,
      secret: "s",
      bucketLogin: undefined,
      permitted,
    });
    try {
      const kept = await Promise.all([1, 2, 3].map(() => keepCheckpoint(db, inFolder, HOUR)));
      expect(kept.filter(Boolean)).toHaveLength(1);
      expect(await readdir(folder)).toHaveLength(1);
      await bench.file("kept.json", await readFile(join(folder, (await readdir(folder))[0]!), "utf8"));
      expect((await bench.run(["audit", "--verify", "--checkpoint", "kept.json"])).code).toBe(0);
      // Due, and nothing has happened; then not due; then due, with a receiver that is not well.
      expect(await keepCheckpoint(db, inFolder, 0)).toBeUndefined();
      await grow("fourth");
      expect(await keepCheckpoint(db, inFolder, HOUR)).toBeUndefined();
      await expect(keepCheckpoint(db, byPost, 0)).rejects.toThrow(/127\.0\.0\.1:\d+ answered 503/);
      status = 204;
      expect(await keepCheckpoint(db, byPost, 0)).toBeDefined();
      const { body, headers } = posted.at(-1)!;
      expect(headers["sluice-signature"]).toBe(
        `sha256=${createHmac("sha256", "s").update(body).digest("hex")}`,
      );
      expect(JSON.parse(body)).toMatchObject({ sha256: headers["idempotency-key"] });
      const { rows } = await admin.query("select kept_in, prompts from sluice.audit_checkpoints order by at");
      expect(rows).toEqual([
        { kept_in: folder, prompts: 3 },
        { kept_in: `http://127.0.0.1:${port}`, prompts: 3 },
      ]);
      expect(() =>
        checkpointKeeper({ place: "kept", secret: undefined, bucketLogin: undefined, permitted }),
      ).toThrow(/SLUICE_AUDIT_CHECKPOINTS must be an absolute folder/);
    } finally {
      receiver.close();
      await db.destroy();
    }
  });

  it("is kept in a bucket, each object written once and signed, with the store's own encryption where a key is named", async () => {
    const objects = new Map<string, { body: string; kmsKey: unknown }>();
    const problems: (string | undefined)[] = [];
    let encrypts = true;
    const bucket = createServer((request, response) => {
      void text(request).then((body) => {
        const problem = signatureProblem("s3", request, body);
        problems.push(problem);
        if (problem !== undefined)
          return response.writeHead(403).end("<Error><Code>SignatureDoesNotMatch</Code></Error>");
        const isThere = objects.has(request.url!) && request.headers["if-none-match"] === "*";
        if (isThere) return response.writeHead(412).end();
        objects.set(request.url!, {
          body,
          kmsKey: request.headers["x-amz-server-side-encryption-aws-kms-key-id"],
        });
        const said = encrypts ? { "x-amz-server-side-encryption-aws-kms-key-id": "audit" } : {};
        return response.writeHead(200, said).end();
      });
    }).listen(0, "127.0.0.1");
    await new Promise((settle) => bucket.once("listening", settle));
    const { port } = bucket.address() as AddressInfo;
    const keeper = (secretAccessKey: string, more = "") =>
      checkpointKeeper({
        place: `s3://audit-log/sluice?region=eu-central-1&endpoint=http://127.0.0.1:${port}${more}`,
        secret: undefined,
        bucketLogin: { accessKeyId: KEY.id, secretAccessKey, sessionToken: undefined },
        permitted: readPermittedAddresses("127.0.0.1"),
      });
    try {
      const checkpoint = JSON.parse((await bench.run(["audit", "checkpoint"])).stdout) as AuditCheckpoint;
      await keeper(KEY.secret).keep(checkpoint);
      await keeper(KEY.secret, "&kms-key=audit").keep(checkpoint);
      await keeper(KEY.secret, "&kms-key=audit").keep({ ...checkpoint, at: "2026-01-01T00:00:00.000Z" });
      const names = [...objects.keys()];
      expect(names).toHaveLength(2);
      expect(names[0]).toMatch(/^\/audit-log\/sluice\/\d{4}-\d{2}-\d{2}T[\dZ.-]+-[0-9a-f]{8}\.json$/);
      expect(objects.get(names[1]!)).toMatchObject({ kmsKey: "audit" });
      await bench.file("bucket.json", objects.get(names[0]!)!.body);
      expect((await bench.run(["audit", "--verify", "--checkpoint", "bucket.json"])).code).toBe(0);
      expect(problems).toEqual([undefined, undefined, undefined]);
      await expect(keeper("another").keep(checkpoint)).rejects.toThrow(
        /answered 403 \(SignatureDoesNotMatch\)/,
      );
      encrypts = false;
      const later = { ...checkpoint, at: "2026-01-02T00:00:00.000Z" };
      await expect(keeper(KEY.secret, "&kms-key=audit").keep(later)).rejects.toThrow(
        /bucket of SLUICE_AUDIT_CHECKPOINTS has not encrypted with the key that kms-key names/,
      );
    } finally {
      bucket.close();
    }
  });
});
