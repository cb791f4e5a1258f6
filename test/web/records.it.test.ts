import { createHash, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createResolver } from "../../src/resolver/index.ts";
import { fileDeadLetter } from "../../src/storage/write/file-dead-letter.ts";
import type { HashedAuditLine } from "../../src/domain/shapes/audit.ts";
import type { RolloutPolicy } from "../../src/domain/policy/policy.ts";
import { artifact } from "../resolver/support/artifacts.ts";
import { CANARY } from "../statistics/canary-evidence.ts";
import { openServer, type ServerBench } from "../server/support/server-bench.ts";
import { type Browser, openBrowser } from "./support/browser.ts";
import { storeSeededLooks } from "./support/stored-looks.ts";

const PROMPT = "support/reply";
const PEOPLE = { ann: "admin", rea: "releaser", vic: "viewer" } as const;

let bench: ServerBench;
let browser: Browser;
const keys = new Map<string, string>();
const as = (person: keyof typeof PEOPLE) => ({ key: keys.get(person)! });

beforeAll(async () => {
  bench = await openServer({ limits: { read: 1_000, write: 1_000, heavy: 1_000 } });
  for (const [owner, role] of Object.entries(PEOPLE))
    keys.set(owner, await bench.key({ role, owner, grants: role === "releaser" ? { force: true } : {} }));
  browser = await openBrowser(() => bench.server.url);
});
afterAll(async () => {
  await browser?.close();
  await bench?.close();
});

async function ask(method: string, path: string, body: unknown, by: keyof typeof PEOPLE = "ann") {
  const response = await fetch(`${bench.server.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${keys.get(by)}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
  return response;
}
const serve = (version: number, expectedRevision: number, reason: string) =>
  ask(
    "PUT",
    `/v1/prompts/${PROMPT}/labels`,
    { label: "production", version, expectedRevision, reason, force: true },
    "rea",
  );

async function letterOf(operation: string, message = "the receiver was away"): Promise<string> {
  const [one, two] = [
    await bench.store.addVersion(PROMPT, artifact(`one ${randomUUID()}`)),
    await bench.store.addVersion(PROMPT, artifact(`two ${randomUUID()}`)),
  ];
  const rolloutId = await bench.store.addRollout(PROMPT, two, one);
  await bench.store.query(`update sluice.rollouts set policy = '{"notify": []}' where id = $1`, [rolloutId]);
  return fileDeadLetter(bench.db, {
    operationId: randomUUID(),
    operation,
    prompt: PROMPT,
    rolloutId,
    payload: { rolloutId },
    error: { code: "unavailable", message },
  });
}

describe("a dead letter", () => {
  it("A dead letter is done again from the page, twice, and happens once; another is closed with a reason.", async () => {
    await browser.visit(as("rea"), async ({ page, look }) => {
      await page.goto("/dead-letters");
      await page.getByText("Nothing is stuck.").waitFor();
      await look("dead letters, none");
    });
    const [told, other] = [
      await letterOf("notify"),
      await letterOf("rollout:canary", "<b>gone</b> \u202Eevil"),
    ];
    await browser.visit(as("vic"), async ({ page, look }) => {
      await page.goto("/dead-letters");
      await page.getByRole("link", { name: "Dead letters 2" }).waitFor();
      await page.getByText("<b>gone</b>").waitFor();
      expect(await page.getByRole("checkbox").count()).toBe(0);
      await page.getByRole("link", { name: /Tell those who want to know/ }).click();
      await page.getByRole("heading", { name: "Dead letter", level: 1 }).waitFor();
      const again = page.getByRole("button", { name: "Do it again…" });
      expect(await again.getAttribute("aria-disabled")).toBe("true");
      await page.getByText(/this takes a releaser or an admin/).waitFor();
      await look("dead letter, for a viewer");
    });
    await browser.visit(as("rea"), async ({ page, context, look }) => {
      await page.goto(`/dead-letters/${told}`);
      const second = await context.newPage();
      await second.goto(`/dead-letters/${told}`);
      await second.getByRole("button", { name: "Do it again…" }).click();
      await page.getByRole("button", { name: "Do it again…" }).click();
      await look("do it again");
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("button", { name: "Do it again" }).click();
      await dialog.getByText(/^Done\./).waitFor();
      await dialog.getByRole("button", { name: "Close" }).click();
      await page.getByText("done again", { exact: true }).waitFor();
      expect(await page.getByRole("button", { name: "Do it again…" }).count()).toBe(0);
      await second.getByRole("dialog").getByRole("button", { name: "Do it again" }).click();
      await second.getByText("It had been done before.").waitFor();
      await page.goto(`/dead-letters/${other}`);
      await page.getByRole("button", { name: "Close without doing it…" }).click();
      await dialog.getByLabel("Why?").fill("started by hand on Monday");
      await dialog.getByRole("button", { name: "Close it" }).click();
      await dialog.getByText("Closed.").waitFor();
      await dialog.getByRole("button", { name: "Close" }).click();
      await page.getByText("“started by hand on Monday”").waitFor();
      await look("dead letter, closed");
    });
    const closings = await bench.db
      .selectFrom("audit")
      .selectAll()
      .where("action", "=", "dead_letter_resolved")
      .execute();
    expect(new Set(closings.map(({ details }) => details["deadLetter"]))).toEqual(new Set([told, other]));
    expect(closings).toHaveLength(2);
  });
});

describe("the audit log", () => {
  it("A changed audit row turns the badge red and names the entry; the download of the filter verifies.", () =>
    browser.visit(as("vic"), async ({ page, look }) => {
      await serve(1, 0, "the first <i>one</i>");
      await serve(2, 1, "warmer");
      await page.goto("/audit");
      await page.getByText(/^Whole\./).waitFor();
      await page.getByText("made production serve @2 by hand, without evidence, was @1").waitFor();
      await look("audit");
      await page.getByRole("button", { name: "Search" }).focus();
      await serve(3, 2, "colder");
      await page.getByRole("button", { name: "Show 1 new entry" }).click();
      await page.getByText("made production serve @3 by hand, without evidence, was @2").waitFor();
      await page.getByLabel("What").selectOption("moved by hand");
      await page.getByLabel("Who").fill("rea");
      await page.waitForURL(/\?action=pointer_set&actor=rea$/);
      const rows = page.getByRole("table", { name: "What happened" }).getByRole("row");
      await expect.poll(() => rows.count()).toBe(4);
      // Fifty of them, and all around them, are fewer than 1,500.
      expect(await rows.nth(1).locator("*").count()).toBeLessThan(24);
      await rows.nth(1).getByText("More").click();
      await rows.nth(1).getByText("Login").waitFor();
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("link", { name: "Download these" }).click(),
      ]);
      const lines = (await readFile(await download.path(), "utf8"))
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as HashedAuditLine);
      expect(lines.map(({ reason }) => reason)).toEqual(["the first <i>one</i>", "warmer", "colder"]);
      for (const [index, { hash, previousHash, content, seq, reason }] of lines.entries()) {
        expect(createHash("sha256").update(content).digest("hex")).toBe(hash);
        const columns = JSON.parse(content) as unknown[];
        expect([columns[1], columns[14], columns[16]]).toEqual([seq, reason, previousHash]);
        if (lines[index - 1]?.seq === seq - 1) expect(previousHash).toBe(lines[index - 1]!.hash);
      }
      // Before the newest move it was the one before.
      const [, second] = lines;
      await page.getByLabel("Moment").fill(localMoment(new Date(Date.parse(lines[2]!.at) - 1)));
      const then = page.getByRole("table", { name: "What was live" });
      await then.getByRole("row", { name: new RegExp(`${PROMPT} production @2`) }).waitFor();
      await then.getByText(`“${second!.reason}”`).waitFor();
      await look("audit, what was live");
      await page.getByRole("button", { name: "Clear" }).click();
      await page.getByLabel("Who").fill("nobody");
      await page.getByText("Nothing of the kind has happened.").waitFor();
      await look("audit, nothing found");
      const { seq } = lines[1]!;
      // As somebody could who owns the table.
      await bench.store.query("alter table sluice.audit disable trigger audit_never_changes");
      await bench.store.query("update sluice.audit set reason = 'as it was' where prompt = $1 and seq = $2", [
        PROMPT,
        seq,
      ]);
      await bench.store.query("alter table sluice.audit enable trigger audit_never_changes");
      await page.goto("/audit");
      await page.getByRole("button", { name: "Check again" }).click();
      await page.getByText(`Broken at ${PROMPT} #${seq}.`).waitFor();
      await page.getByText("It was changed after it was written.").waitFor();
      await look("audit, broken");
    }));
});

describe("with Temporal away", () => {
  it("With Temporal stopped, rolling back still works; with one service frozen, its name is shown.", () =>
    browser.visit(as("rea"), async ({ page, look }) => {
      const prompt = "support/away";
      for (const text of ["one", "two"]) await bench.store.addVersion(prompt, artifact(text));
      for (const version of [1, 2])
        await ask(
          "PUT",
          `/v1/prompts/${prompt}/labels`,
          { label: "production", version, expectedRevision: version - 1, reason: "by hand", force: true },
          "rea",
        );
      const resolver = await createResolver({ source: bench.store.url });
      try {
        await resolver.resolve({ prompt, unit: "user-1" });
        const frozen = {
          id: randomUUID(),
          host: "web-3",
          pid: 4711,
          sdkVersion: "0.1.0",
          label: "production",
          whole: true,
          closed: false,
          serves: [{ label: "production", prompt, model: "", tenant: "", revision: 2 }],
          dropped: [],
        };
        await bench.store.query("select sluice.report_serving($1)", [frozen]);
        await page.goto(`/p/${prompt}`);
        await page.getByRole("button", { name: "Roll back…" }).click();
        await page.getByLabel("Why?").fill("angry mails");
        await page.getByRole("dialog").getByRole("button", { name: "Roll back" }).click();
        await page.getByText("Rolled back.").waitFor();
        await page.getByText(/1 of 2 services has it\./).waitFor();
        await page.getByText(/Not yet: web-3\/4711, heard of \d+ s ago, still serves revision 2/).waitFor();
        await look("rolled back, one service frozen");
        expect((await resolver.resolve({ prompt, unit: "user-1" })).version).toBe(1);
      } finally {
        await resolver.close();
      }
    }));
});

describe("the picture of a rollout", () => {
  const window_ms = 1_000;
  const rails = [
    { metric: "latency_ms", direction: "lower", margin: { kind: "relative", value: 0.1 } },
    { metric: "refusal", direction: "lower", tolerated_increase: 0.05 },
  ];
  const POLICY = {
    metrics: {
      rating: { kind: "mean", window_ms, unit: "stars" },
      latency_ms: { kind: "mean", window_ms },
      refusal: { kind: "rare", window_ms },
    },
    notify: [],
    canary: {
      ...CANARY,
      goal: {
        metric: "rating",
        direction: "higher",
        claim: "non_inferior",
        margin: { kind: "absolute", value: 0.1 },
      },
      guardrails: rails,
      fuses: [{ metric: "refusal", above: 0.5 }],
      max_units: 3_000,
    },
  } as RolloutPolicy;
  /** Better, worse at once, and worse in the end, by so many stars; and one that refuses more often. */
  const RUNS = [
    { seed: 1, by: 0.05, refuses: 0.02 },
    { seed: 2, by: -0.3, refuses: 0.02 },
    { seed: 5, by: -0.16, refuses: 0.02 },
    { seed: 4, by: 0.05, refuses: 0.1 },
  ];

  it("At every stored look of three seeded rollouts, “edge beyond limit” in the drawn chart equals the stored verdict.", () =>
    browser.visit(as("vic"), async ({ page, look }) => {
      const counts: Record<string, number> = {};
      for (const { seed, by, refuses } of RUNS) {
        const { rollout, looks } = await storeSeededLooks(bench.db, POLICY, {
          seed,
          perLook: 20,
          looksOfStage: 15,
          values: (arm) => ({
            rating: { mean: arm === "candidate" ? 4 + by : 4, sd: 1 },
            latency_ms: { mean: 830, sd: 200 },
            refusal: { chance: arm === "candidate" ? refuses : 0.02 },
          }),
        });
        await page.goto(`/rollouts/${rollout.id}`);
        for (const [metric, heading] of [
          ["rating", "Is it better? Rating"],
          ["latency_ms", "Answer time"],
          ["refusal", "Refusals"],
        ] as const) {
          const chart = page.locator(":is(section, .guarded)", {
            has: page.locator("> :is(h2, h3)", { hasText: heading }),
          });
          await chart.locator("svg.wide .edge.best").waitFor({ state: "attached" });
          const lines = await linesOf(chart.locator("svg.wide"), looks.length);
          const stored = looks.map(({ evidence }) => evidence.find((one) => one.metric === metric)!);
          stored.forEach(({ verdict }, at) => {
            const [best, harm] = [lines.best.get(at), lines.harm.get(at)];
            const [worst, claim] = [lines.worst.get(at), lines.claim.get(at)];
            // From the top: what is further down is worse.
            if (best !== undefined)
              expect({ metric, at, isHarm: best > harm! }).toEqual({
                metric,
                at,
                isHarm: verdict === "harm",
              });
            if (worst !== undefined && verdict !== "harm")
              expect({ metric, at, isMet: worst < claim! }).toEqual({ metric, at, isMet: verdict === "met" });
            const drawn = `${metric === "refusal" ? "rare: " : ""}${best === undefined ? "" : "best "}${worst === undefined ? "" : "worst "}${verdict}`;
            counts[drawn] = (counts[drawn] ?? 0) + 1;
          });
        }
        const fuse = page.getByRole("list", { name: "Emergency stops" });
        await fuse.getByText("Within its limit.").waitFor();
        if (seed !== 1) continue;
        await look("rollout, its picture in two parts");
        await page.getByRole("button", { name: "By users in each group" }).click();
        await page.waitForURL(/\?x=users$/);
        await page.locator("svg.wide .times", { hasText: "20 users" }).first().waitFor();
      }
      // Every kind of look was among them, and nearly every one had an edge.
      const edges = ["best ok", "best worst not_yet", "best worst met", "best worst harm"];
      const rare = ["rare: best ok", "rare: best worst not_yet", "rare: best worst met", "rare: best harm"];
      expect(Object.keys(counts)).toEqual(expect.arrayContaining([...edges, ...rare]));
    }));

  it("is seen after two round trips, since its page names all that it takes, and takes 60 kB at most", async () => {
    const { rollout } = await storeSeededLooks(bench.db, POLICY, {
      seed: 1,
      perLook: 20,
      looksOfStage: 15,
      values: () => ({
        rating: { mean: 4, sd: 1 },
        latency_ms: { mean: 830, sd: 200 },
        refusal: { chance: 0.02 },
      }),
    });
    const path = `/rollouts/${rollout.id}`;
    const { asked, bytes } = await browser.firstLook({ ...as("vic"), path, drawn: ".chart .estimate" });
    const named = [...asked].flatMap(([one, how]) => (how === "named" ? [one] : []));
    expect(named).toEqual(expect.arrayContaining(["/v1/me", `/v1${path}`, `/v1${path}/curve?points=120`]));
    // A browser has six connections to a server.
    expect(named.length).toBeLessThanOrEqual(2 * 6);
    // What else is asked for is no part of the picture: what is stuck, and what will happen.
    const others = [...asked.keys()].filter((one) => !named.includes(one));
    expect(others.filter((one) => one !== "/v1/dead-letters" && !one.includes("/events?"))).toEqual([]);
    expect(bytes).toBeLessThan(60_000);
  });
});

/** Where the wide picture has its first look and its last. */
const [FIRST, LAST] = [64, 570];

/** Heights of the lines of a picture, from the top, by the look that they are of; looks are as far apart as each other. */
async function linesOf(svg: Locator, looks: number) {
  const path = async (name: string) => {
    const points = ((await svg.locator(`path.${name}`).getAttribute("d")) ?? "").matchAll(
      /[ML](\S+) ([\d.-]+)/g,
    );
    const lookAt = (x: string) => Math.round(((Number(x) - FIRST) / (LAST - FIRST)) * (looks - 1));
    return new Map([...points].map(([, x, y]) => [lookAt(x!), Number(y)]));
  };
  return {
    best: await path("edge.best"),
    worst: await path("edge.worst"),
    harm: await path("harm"),
    claim: await path("claim"),
  };
}

/** As a field for a moment takes it: in the zone of whoever looks, to the millisecond. */
function localMoment(at: Date): string {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, -1);
}
