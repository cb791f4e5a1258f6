import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digestText } from "../../src/digest.ts";
import { openContents } from "../../src/outbound/contents/open-contents.ts";
import { LOGIN, type StandInBucket, startBucket } from "./bucket-stand-in.ts";

const TEXT = '{"cases":["für"]}';
const SHA256 = digestText(TEXT);
const OTHER = "0".repeat(64);

describe("what is too large for a row", () => {
  let bucket: StandInBucket;
  const folder = mkdtempSync(join(tmpdir(), "sluice-contents-"));
  const inBucket = (more = "", login = LOGIN) => openContents({ place: `${bucket.place}${more}`, login });
  const inFolder = () => openContents({ place: folder });
  beforeAll(async () => {
    bucket = await startBucket();
  });
  afterAll(() => {
    bucket.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ["a folder", inFolder],
    ["a bucket", inBucket],
  ])("is written to %s and read from there, and what is not there is not an error", async (_, open) => {
    await open().write(SHA256, TEXT);
    await open().write(SHA256, TEXT);
    expect(await open().read(SHA256)).toBe(TEXT);
    expect([await open().has(SHA256), await open().has(OTHER)]).toEqual([true, false]);
    expect(await open().read(OTHER)).toBeUndefined();
    await open().remove(SHA256);
    await open().remove(SHA256);
    expect(await open().read(SHA256)).toBeUndefined();
  });

  it("is not taken for lost where the whole place is away", async () => {
    const away = openContents({ place: join(folder, "no-mount") });
    const place = bucket.place.replace("s3://large", "s3://other");
    const noBucket = openContents({ place, login: LOGIN });
    for (const store of [away, noBucket]) {
      await expect(store.read(OTHER)).rejects.toMatchObject({ code: "unavailable" });
      await expect(store.has(OTHER)).rejects.toMatchObject({ code: "unavailable" });
      await expect(store.write(SHA256, TEXT)).rejects.toMatchObject({ code: "unavailable" });
    }
    await expect(away.write(SHA256, TEXT)).rejects.toThrow(/SLUICE_CONTENTS, cannot be written to \(ENOENT/);
    await expect(noBucket.read(OTHER)).rejects.toThrow(/SLUICE_CONTENTS .* answered 404 \(NoSuchBucket\)/);
    // Nothing that was begun is left lying about.
    expect(readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith(".new"))).toEqual(
      [],
    );
  });

  it("is encrypted with the key that is named, or not kept", async () => {
    await inBucket("&kms-key=tests").write(SHA256, TEXT);
    expect([...bucket.objects]).toEqual([[`/large/sluice/${SHA256}.json`, { body: TEXT, kmsKey: "tests" }]]);
    bucket.encrypts = false;
    await expect(inBucket("&kms-key=tests").write(SHA256, TEXT)).rejects.toThrow(
      /has not encrypted with the key that kms-key names/,
    );
    await inBucket().write(SHA256, TEXT);
    await expect(inBucket("&kms-key=unknown").write(OTHER, TEXT)).rejects.toThrow(
      /answered 404 \(kms:KeyNotFound\)/,
    );
    expect(await inBucket().has(OTHER)).toBe(false);
  });

  it("goes nowhere that its setting does not name well", async () => {
    expect(() => openContents({ place: "kept" })).toThrow(/must be an absolute folder, or a bucket/);
    expect(() => openContents({ place: bucket.place })).toThrow(
      /SLUICE_CONTENTS names a bucket; set AWS_ACCESS_KEY_ID/,
    );
    expect(() => openContents({ place: "s3://large?kind=x", login: LOGIN })).toThrow(
      /SLUICE_CONTENTS has kind/,
    );
    const stranger = { ...LOGIN, secretAccessKey: "another" };
    await expect(inBucket("", stranger).read(SHA256)).rejects.toThrow(
      /answered 403 \(SignatureDoesNotMatch\)/,
    );
    await expect(inBucket("", stranger).read(SHA256)).rejects.not.toThrow(/another/);
  });
});
