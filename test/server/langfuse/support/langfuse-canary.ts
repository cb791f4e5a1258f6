import { unitDigest } from "../../../../src/digest.ts";
import { artifact } from "../../../resolver/support/artifacts.ts";
import { openServer, type ServerBench } from "../../support/server-bench.ts";

export const PROMPT = "lf/help";

export interface LangfuseCanary {
  readonly bench: ServerBench;
  readonly rollout: string;
  /** The ids of the baseline and of the candidate. */
  readonly versions: readonly [string, string];
  /** Which arm each unit was exposed to, by its digest. */
  arms(): Promise<Readonly<Record<string, string>>>;
  outcomes(where: string, values?: readonly unknown[]): Promise<StoredOutcome[]>;
  /** What came in with a key, by what became of it. */
  intake(key: string): Promise<Readonly<Record<string, number>>>;
  close(): Promise<void>;
}

export interface StoredOutcome {
  readonly version_id: string;
  readonly unit: string | null;
  readonly metrics: Readonly<Record<string, number | boolean>>;
  readonly status: string;
  readonly feedback: string | null;
}

/** A server on whose database a canary of 25 % is on, without a workflow that would end it. */
export async function openLangfuseCanary(
  options: Parameters<typeof openServer>[0] = {},
): Promise<LangfuseCanary> {
  const bench = await openServer(options);
  const { store } = bench;
  const one = await store.addVersion(PROMPT, artifact("One"));
  const two = await store.addVersion(PROMPT, artifact("Two"));
  const rollout = await store.addRollout(PROMPT, two, one);
  await store.movePointer(
    { label: "production", prompt: PROMPT },
    {
      active_version: one,
      candidate_version: two,
      rollout_id: rollout,
      lease_until: new Date(Date.now() + 3_600_000),
      mode: "canary",
      share: 2_500,
      salt: "salt",
      epoch: 1,
    },
  );
  return {
    bench,
    rollout,
    versions: [one, two],
    async arms() {
      const rows = await store.query("select unit, arm from sluice.exposures where rollout_id = $1", [
        rollout,
      ]);
      return Object.fromEntries(rows.map(({ unit, arm }) => [unit, arm]));
    },
    outcomes: (where, values = []) =>
      store.query(`select version_id, unit, metrics, status, feedback from sluice.outcomes where ${where}`, [
        ...values,
      ]),
    async intake(key) {
      const id = key.slice(4, 16);
      const rows = await store.query("select kind, n::int from sluice.langfuse_intake where key_id = $1", [
        id,
      ]);
      return Object.fromEntries(rows.map(({ kind, n }) => [kind, n]));
    },
    close: () => bench.close(),
  };
}

/** What a user was served, as the client had it. */
export interface ServedUser {
  readonly user: string;
  readonly name: string;
  readonly version: number;
}

/** The arms that these users are in by the names that they were given, by their units' digests. */
export function armsOfServed(served: readonly ServedUser[]): Record<string, string> {
  const arms: Record<string, string> = { c: "candidate", k: "control" };
  return Object.fromEntries(
    served.flatMap(({ user, name }) => {
      const arm = arms[/~[0-9a-f]{8}\.([ckn])\.1$/.exec(name)?.[1] ?? ""];
      return arm === undefined ? [] : [[unitDigest("", user), arm]];
    }),
  );
}
