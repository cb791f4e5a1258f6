import { HttpSource } from "../../../src/resolver/sources/http.ts";
import { PostgresSource } from "../../../src/resolver/sources/postgres.ts";
import type { RecordBatch, RecordReceipt, Source } from "../../../src/resolver/sources/source.ts";

/** Batches that are kept, to be sent again. */
const KEPT = 8;
const AGAIN = 0.25;

export interface RepeatedSource extends Source {
  /** Nothing more comes through, as of a process that was killed. */
  cutOff(): void;
}

/**
 * A source whose batches arrive in duplicate and out of order, as over a queue that delivers at least once: before a
 * batch an older one may be sent again, with its items in another order, and after it the same once more. `taken` is
 * given the ids of the outcomes that were acknowledged.
 */
export async function repeating(
  address: string,
  random: () => number,
  taken: Set<string>,
): Promise<RepeatedSource> {
  const source: Source = address.startsWith("http") ? new HttpSource(address) : new PostgresSource(address);
  const sent: string[] = [];
  let isCut = false;
  const send = async (batch: string): Promise<RecordReceipt> => {
    if (isCut) throw new Error("cut off");
    const receipt = await source.record(batch);
    for (const { id } of (JSON.parse(batch) as RecordBatch).outcomes) taken.add(id);
    return receipt;
  };
  return Promise.resolve({
    name: source.name,
    read: (query) => source.read(query),
    readVersion: (which) => source.readVersion(which),
    watch: (listener) => source.watch(listener),
    ...(source.reportServing && { reportServing: (report: string) => source.reportServing!(report) }),
    async record(batch) {
      const old = random() < AGAIN ? sent[Math.floor(random() * sent.length)] : undefined;
      if (old !== undefined) await send(shuffled(old, random));
      const receipt = await send(batch);
      sent.push(batch);
      if (sent.length > KEPT) sent.shift();
      if (random() < AGAIN) await send(batch);
      return receipt;
    },
    cutOff: () => void (isCut = true),
    close: () => source.close(),
  });
}

function shuffled(batch: string, random: () => number): string {
  const { exposures, outcomes } = JSON.parse(batch) as RecordBatch;
  const mixed = <T>(items: readonly T[]) =>
    items
      .map((item) => ({ item, place: random() }))
      .toSorted((a, b) => a.place - b.place)
      .map(({ item }) => item);
  return JSON.stringify({ exposures: mixed(exposures), outcomes: mixed(outcomes) });
}
