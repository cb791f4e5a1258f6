import { crc32 } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rotateKey } from "../../src/use-cases/rotate-key.ts";
import { withdrawKey } from "../../src/use-cases/withdraw-key.ts";
import { eventually } from "../resolver/support/eventually.ts";
import { call } from "./support/checked-call.ts";
import { openServer, type ServerBench } from "./support/server-bench.ts";

let bench: ServerBench;
let address = 0;
beforeAll(async () => {
  bench = await openServer({ trustedProxies: ["127.0.0.1"] });
});
afterAll(() => bench.close());

/** Each from an address of its own, unless it is said: wrong keys are counted by address. */
const show = async (key: string, from = `10.0.${address >> 8}.${address++ & 255}`) =>
  call(bench.server.url, "GET /v1/me", { key, headers: { "x-forwarded-for": from } });
const idOf = (key: string) => key.slice(4, 16);

/** A key's text with the checksum that belongs to it, so that only the proof can refuse it. */
function keyText(id: string, secret: string): string {
  const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  let check = "";
  for (let rest = crc32(`${id}_${secret}`); rest > 0; rest = Math.floor(rest / 62))
    check = digits[rest % 62]! + check;
  return `slu_${id}_${secret}${check.padStart(6, "0")}`;
}
const secretOf = (key: string) => key.slice(17, 60);
const changedAt = (text: string, at: number) =>
  text.slice(0, at) + (text[at] === "a" ? "b" : "a") + text.slice(at + 1);

describe("a key", () => {
  it("lets nobody in with any one character changed, cut off or added", async () => {
    const key = await bench.key();
    expect((await show(key)).status).toBe(200);
    expect(keyText(idOf(key), secretOf(key))).toBe(key);
    const changed = [...key].map((_, at) => changedAt(key, at));
    const withCheck = [
      ...[...idOf(key)].map((_, at) => keyText(changedAt(idOf(key), at), secretOf(key))),
      ...[...secretOf(key)].map((_, at) => keyText(idOf(key), changedAt(secretOf(key), at))),
    ];
    const wrong = [
      ...changed,
      ...withCheck,
      key.slice(0, -1),
      key.slice(1),
      `${key}a`,
      key.slice(0, 17),
      key.toUpperCase(),
    ];
    const statuses = await Promise.all(wrong.map(async (one) => (await show(one)).status));
    expect(new Set(statuses)).toEqual(new Set([401]));
  });

  it("is refused with the id of one and the secret of another", async () => {
    const [one, other] = [await bench.key(), await bench.key()];
    expect((await show(keyText(idOf(one), secretOf(other)))).status).toBe(401);
    const basic = (user: string, password: string) =>
      call(bench.server.url, "GET /v1/me", {
        headers: {
          authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
          "x-forwarded-for": `10.1.0.${address++ & 255}`,
        },
      });
    expect((await basic(`slu_${idOf(one)}`, one)).status).toBe(200);
    expect((await basic(`slu_${idOf(other)}`, one)).status).toBe(401);
  });

  it("that was rotated stays good for the overlap and no longer; its successor is good at once", async () => {
    const old = await bench.key();
    const { key } = await rotateKey(bench.db, idOf(old), 1_500);
    expect((await show(key)).status).toBe(200);
    expect((await show(old)).status).toBe(200);
    await eventually("the old one is over", async () => (await show(old)).status === 401, 6_000);
    expect((await show(key)).status).toBe(200);
  });

  it("that was revoked or has expired is refused", async () => {
    const [revoked, expiring] = [await bench.key(), await bench.key({ expiresInMs: 1_000 })];
    expect([(await show(revoked)).status, (await show(expiring)).status]).toEqual([200, 200]);
    await withdrawKey(bench.db, revoked);
    await eventually("it is refused", async () => (await show(revoked)).status === 401, 6_000);
    await eventually("it has expired", async () => (await show(expiring)).status === 401, 6_000);
  });

  it("that is wrong ten times a minute makes its address wait, and nobody else, nor a good key", async () => {
    const key = await bench.key();
    const [here, elsewhere] = ["192.0.2.1", "192.0.2.2"];
    const wrong = keyText(idOf(key), changedAt(secretOf(key), 7));
    for (let n = 0; n < 10; n++) expect((await show(wrong, here)).status).toBe(401);
    const limited = await show(wrong, here);
    expect(limited.status).toBe(429);
    expect(Number(limited.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await show(wrong, elsewhere)).status).toBe(401);
    expect((await show(key, here)).status).toBe(200);
  });

  it("in a dump of the database lets nobody in", async () => {
    const key = await bench.key();
    const checked = async (proof: string) =>
      (
        await bench.store.query(
          `select sluice.check_key(id, ${proof}) is not null as good from sluice.keys where id = $1`,
          [idOf(key)],
        )
      )[0].good;
    expect(await checked("proof_sha256")).toBe(false);
    expect(await checked(`sha256('${secretOf(key)}')`)).toBe(true);
  });
});
