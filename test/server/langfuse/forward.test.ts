import { expect, it } from "vitest";
import { type ForwardCounts, LangfuseForward } from "../../../src/server/langfuse/forward.ts";
import { readLangfuseAddress } from "../../../src/domain/addresses/langfuse-address.ts";
import { json, type WireAnswer, wireServer } from "../../providers/wire-server.ts";

const KEYS = { publicKey: "pk", secretKey: "sk" };

/** What has been told once it has ended. */
async function forwarded(
  answers: readonly WireAnswer[],
  reports: readonly unknown[],
  limits: ConstructorParameters<typeof LangfuseForward>[2] = {},
) {
  await using other = await wireServer(...answers);
  const told: ForwardCounts[] = [];
  const forward = new LangfuseForward({ base: other.url, ...KEYS }, (counts) => void told.push(counts), {
    firstWaitMs: 1,
    ...limits,
  });
  for (const report of reports) forward.pass("/api/public/scores", report);
  await forward.close();
  return { told, bodies: other.requests.map(({ body }) => body) };
}

it("what may pass is sent again until it has arrived", async () => {
  const answers = [json(500, {}), json(429, {}), json(200, {})];
  expect(await forwarded(answers, [{ a: 1 }])).toEqual({
    told: [{ sent: 1, dropped: 0, failed: 0 }],
    bodies: ['{"a":1}', '{"a":1}', '{"a":1}'],
  });
});

it("what is refused is not sent again, nor where it redirects to", async () => {
  const redirect = json(302, {}, { location: "http://127.0.0.1:9/" });
  for (const answer of [json(401, {}), json(400, {}), redirect])
    expect(await forwarded([answer], [{ a: 1 }])).toMatchObject({
      told: [{ sent: 0, dropped: 0, failed: 1 }],
      bodies: ['{"a":1}'],
    });
});

it("what there is no room for is dropped, and counted", async () => {
  const reports = Array.from({ length: 30 }, (_, i) => ({ i: `${i}`.padStart(90, "0") }));
  const { told, bodies } = await forwarded([json(200, {})], reports, { mostBytes: 1_000 });
  expect(told).toEqual([{ sent: 10, dropped: 20, failed: 0 }]);
  expect(bodies).toHaveLength(10);
});

it("a Langfuse that is away is given up after a time, and keeps nobody waiting", async () => {
  const told: ForwardCounts[] = [];
  const away = { base: "http://127.0.0.1:9", ...KEYS };
  const limits = { firstWaitMs: 1, patienceMs: 20 };
  const forward = new LangfuseForward(away, (counts) => void told.push(counts), limits);
  forward.pass("/api/public/scores", {});
  await forward.close();
  forward.pass("/api/public/scores", {});
  expect(told).toEqual([{ sent: 0, dropped: 0, failed: 1 }]);
});

it("its address has both keys, and an error repeats none of them", () => {
  const read = (text: string | undefined) => readLangfuseAddress(() => text);
  expect(read(undefined)).toBeUndefined();
  expect(read("https://pk-lf-1:sk-lf-2@cloud.example/")).toEqual({
    base: "https://cloud.example",
    publicKey: "pk-lf-1",
    secretKey: "sk-lf-2",
  });
  for (const text of ["https://sk-lf-2@cloud.example", "ftp://a:sk-lf-2@b", "sk-lf-2"])
    expect(() => read(text)).toThrow(
      /^SLUICE_LANGFUSE_FORWARD must be an address with both keys in it, as in https:\/\/PUBLIC:SECRET@cloud\.langfuse\.com$/,
    );
});
