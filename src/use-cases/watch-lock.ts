import { setTimeout as delay } from "node:timers/promises";
import type { Database, Transaction } from "../storage/database.ts";
import { backendPid, endConnection, findBlockers, type Blocker } from "../storage/read/blockers.ts";
import { messageOf } from "../domain/errors.ts";

export type LockNews =
  /** These hold what is waited for. Said once, and again every few seconds. */
  | { readonly kind: "waiting"; readonly blockers: readonly Blocker[] }
  | { readonly kind: "ended"; readonly blocker: Blocker }
  | { readonly kind: "not_ended"; readonly blocker: Blocker; readonly why: string }
  /** It has not come back yet, and there is no connection left to see why. */
  | { readonly kind: "unseen"; readonly why: string };

export interface LockWatch {
  readonly onNews: (news: LockNews) => void;
  /** Ends the connections that hold what is waited for. Default false. */
  readonly endBlockers?: boolean;
}

/** How long nothing is reported: locks of moves are held for milliseconds. */
const FIRST_LOOK_MS = 500;
const LOOK_MS = 250;
const REPORT_AGAIN_MS = 5_000;

/** Does the work of a transaction, and from another connection says who keeps it waiting for a lock. */
export async function watchLock<T>(
  db: Database,
  transaction: Transaction,
  watch: LockWatch,
  work: () => Promise<T>,
): Promise<T> {
  const pid = await backendPid(transaction);
  const done = new AbortController();
  const ending: Ending = { now: undefined };
  void look(db, pid, { ...watch, ending }, done.signal);
  try {
    return await work();
  } finally {
    done.abort();
    // The work goes on the moment that a connection is ended; who ended it is reported all the same.
    await ending.now;
  }
}

/** The ending of connections that is under way. */
interface Ending {
  now: Promise<void> | undefined;
}

async function look(
  db: Database,
  pid: number,
  watch: LockWatch & { readonly ending: Ending },
  done: AbortSignal,
): Promise<void> {
  let reported = "";
  let reportedAt = -Infinity;
  const report = (text: string, news: LockNews) => {
    if (text === reported && performance.now() - reportedAt < REPORT_AGAIN_MS) return;
    reported = text;
    reportedAt = performance.now();
    watch.onNews(news);
  };
  for (let pause = FIRST_LOOK_MS; ; pause = LOOK_MS) {
    try {
      await delay(pause, undefined, { signal: done });
    } catch {
      return;
    }
    try {
      const blockers = await findBlockers(db, pid);
      if (done.aborted || blockers.length === 0) continue;
      report(blockers.map(({ pid }) => pid).join(), { kind: "waiting", blockers });
      if (watch.endBlockers) await (watch.ending.now = endAll(db, blockers, watch, done));
    } catch (error) {
      if (!done.aborted) report("unseen", { kind: "unseen", why: messageOf(error) });
    }
  }
}

async function endAll(
  db: Database,
  blockers: readonly Blocker[],
  watch: LockWatch,
  done: AbortSignal,
): Promise<void> {
  for (const blocker of blockers) {
    try {
      if (await endConnection(db, blocker)) watch.onNews({ kind: "ended", blocker });
    } catch (error) {
      watch.onNews({ kind: "not_ended", blocker, why: messageOf(error) });
      // The operator has to do something; asking again every moment would only repeat it.
      await delay(REPORT_AGAIN_MS, undefined, { signal: done }).catch(() => undefined);
    }
  }
}
