import { inOneLine } from "../domain/plain/said.ts";
import { sayTokens } from "../domain/plain/say-tokens.ts";
import { isTokenAlert, tokenUseOf } from "../statistics/token-use.ts";
import { type UseOfTwo, usesOfTwo } from "../storage/read/token-usage.ts";
import { counted } from "../domain/text/counted.ts";
import { DRIFT_MS } from "../domain/fleet.ts";
import { allowsReading, type Grants } from "../domain/access/grants.ts";
import type { RolloutStatus } from "../domain/rollout/rollout.ts";
import type { DeadLetterRow } from "../domain/shapes/dead-letters.ts";
import {
  MOST_RUNNING,
  type Overview,
  type RunningRollout,
  type Wanted,
  type WantedKind,
} from "../domain/shapes/overview.ts";
import type { ListedAlert } from "../domain/shapes/monitors.ts";
import type { SeenDrift } from "../domain/shapes/syncing.ts";
import type { Database } from "../storage/database.ts";
import { listAlerts } from "../storage/read/alerts.ts";
import { type DraftBehind, draftsBehind } from "../storage/read/drafts.ts";
import { listDrift, seesDrift } from "../storage/read/drift.ts";
import { leaseIsOver } from "../storage/read/lease.ts";
import { livePrompts } from "../storage/read/live-prompts.ts";
import { newestLook } from "../storage/read/look-age.ts";
import { pageOfPrompts } from "../storage/read/prompt-list.ts";
import { type LaggingScope, laggingScopes } from "../storage/read/prompt-pointers.ts";
import { listRollouts } from "../storage/read/rollout-list.ts";
import { findRollout } from "../storage/read/rollout-row.ts";
import { statusOfRollout } from "../storage/read/rollout-status.ts";

export interface OverviewRequest {
  /** What whoever asks may know of. */
  readonly seen: Grants;
  readonly label?: string | undefined;
  /** Open ones that they may know of. */
  readonly deadLetters: readonly DeadLetterRow[];
  /** Whose drafts are theirs. */
  readonly account: string;
  /** Whether they could say yes or no to a rollout that waits for it. */
  readonly mayDecide: (rollout: RolloutStatus) => Promise<boolean>;
}

const MOST_LIVE = 20;
const MOST_ENDED = 10;
const MOST_LETTERS = 10;
const MOST_ALERTS = 10;
const MOST_DRIFT = 10;
const MOST_DRAFTS = 5;

/** What happens at this moment, and what is wanted of whoever asks. Reads Postgres alone. */
export async function reportOverview(db: Database, request: OverviewRequest): Promise<Overview> {
  const { seen, label, deadLetters } = request;
  const [running, ended, { live, all }, lagging, [anyPrompt], { drift }, drafts, alerts] = await Promise.all([
    runningRollouts(db, { seen, label, limit: MOST_RUNNING }),
    listRollouts(db, { seen, label, ended: true, limit: MOST_ENDED }),
    livePrompts(db, { seen, label, limit: MOST_LIVE }),
    laggingScopes(db, DRIFT_MS),
    pageOfPrompts(db, { seen, limit: 1 }),
    listDrift(db),
    draftsBehind(db, { seen, account: request.account, limit: MOST_DRAFTS }),
    listAlerts(db),
  ]);
  const uses = await usesOfTwo(db, live);
  const drifted = drift.filter(
    (one) => seesDrift(seen, one) && (label === undefined || one.label === null || one.label === label),
  );
  const ofRollouts = await Promise.all(running.map((one) => wantedOf(db, one, request)));
  const behind = lagging.filter((one) => allowsReading(seen, one) && (label ?? one.label) === one.label);
  const wanted = [
    ...ofRollouts.flat(),
    ...deadLetters.slice(0, MOST_LETTERS).map(ofLetter),
    ...alerts
      .filter(
        (one) =>
          allowsReading(seen, { ...one, tenant: one.tenant ?? "" }) && (label ?? one.label) === one.label,
      )
      .slice(0, MOST_ALERTS)
      .map(ofAlert),
    ...drifted.slice(0, MOST_DRIFT).map(ofDrift),
    ...behind.map(ofLagging),
    ...uses.flatMap(ofTokens),
    ...drafts.map(ofDraft),
  ];
  return {
    isEmpty: anyPrompt === undefined,
    wanted: wanted.toSorted((one, other) => URGENCY[one.kind] - URGENCY[other.kind]),
    running,
    live,
    moreLive: Math.max(0, all - live.length),
    ended: ended.toSorted((one, other) => (one.endedAt! < other.endedAt! ? 1 : -1)),
    deadLetters: deadLetters.length,
    drift: drifted.length,
  };
}

/** What somebody is wanted for may be about any of these. */
const ABOUT_NOTHING = {
  prompt: null,
  label: null,
  model: null,
  tenant: null,
  rolloutId: null,
  deadLetterId: null,
  draftId: null,
  alertId: null,
} as const;

const URGENCY: Readonly<Record<WantedKind, number>> = {
  unattended: 0,
  alert: 1,
  undecided: 2,
  approval: 3,
  worse: 4,
  dead_letter: 5,
  drift: 6,
  fleet_behind: 7,
  tokens: 8,
  draft: 9,
};

/** The open rollouts, each with where it is. */
export async function runningRollouts(
  db: Database,
  which: Pick<OverviewRequest, "seen" | "label"> & { readonly prompt?: string; readonly limit: number },
): Promise<RunningRollout[]> {
  const open = await listRollouts(db, { ...which, running: true });
  const found = await Promise.all(open.map(({ rolloutId }) => runningRollout(db, rolloutId)));
  return found.filter((one) => one !== undefined);
}

async function runningRollout(db: Database, id: string): Promise<RunningRollout | undefined> {
  const [status, row, look] = await Promise.all([
    statusOfRollout(db, id),
    findRollout(db, id),
    newestLook(db, id),
  ]);
  return (
    status && {
      ...status,
      lookedAt: look?.toISOString() ?? null,
      intervalMs: row?.policy.canary?.interval_ms ?? null,
    }
  );
}

async function wantedOf(
  db: Database,
  rollout: RunningRollout,
  { mayDecide }: OverviewRequest,
): Promise<Wanted[]> {
  const { rolloutId, prompt, label, model, tenant, candidate, alerts = [], waitingFor } = rollout;
  const about = { ...ABOUT_NOTHING, prompt, label, model, tenant, rolloutId };
  const since = rollout.lookedAt ?? rollout.startedAt;
  const wanted: Wanted[] = alerts.map((text) => ({
    ...about,
    kind: "alert",
    text: `${candidate}: ${text}`,
    since,
  }));
  if (waitingFor === "operator")
    wanted.push({
      ...about,
      kind: "undecided",
      text: `${candidate} is not decided: release it or stop it.`,
      since,
    });
  if ((waitingFor === "canary" || waitingFor === "promote") && (await mayDecide(rollout)))
    wanted.push({
      ...about,
      kind: "approval",
      text: `${candidate} waits for a yes before ${waitingFor === "canary" ? "any user sees it" : "everybody gets it"}.`,
      since,
    });
  if (await leaseIsOver(db, rolloutId))
    wanted.push({
      ...about,
      kind: "unattended",
      text: `No worker looks at ${candidate}: services serve the version before until one does.`,
      since,
    });
  return wanted;
}

function ofTokens({ now, before, prompt, label, model, tenant, since }: UseOfTwo): Wanted[] {
  const use = tokenUseOf(now, before);
  if (!use || !isTokenAlert(use)) return [];
  const about = { ...ABOUT_NOTHING, prompt, label, model, tenant };
  return [
    { ...about, kind: "tokens", text: `${prompt}@${now.version}: ${inOneLine(sayTokens(use))}`, since },
  ];
}

function ofLetter({ id, prompt, rolloutId, error, createdAt: since }: DeadLetterRow): Wanted {
  const about = { ...ABOUT_NOTHING, prompt, rolloutId, deadLetterId: id };
  return { ...about, kind: "dead_letter", text: `Something could not be done: ${error.message}`, since };
}

function ofAlert(alert: ListedAlert): Wanted {
  const { id: alertId, prompt, label, model, tenant, message, triage, acknowledgedBy, since } = alert;
  const taken = acknowledgedBy === null ? [] : [`Taken on by ${acknowledgedBy}.`];
  const text = [message, ...(triage?.says.slice(0, 1) ?? []), ...taken].join(" ");
  return { ...ABOUT_NOTHING, kind: "worse", text, since, prompt, label, model, tenant, alertId };
}

function ofDrift({ prompt, label, model, tenant, rolloutId, message, since }: SeenDrift): Wanted {
  const text = `What users get is not what Git says: ${message}.`;
  return { ...ABOUT_NOTHING, kind: "drift", text, since, prompt, label, model, tenant, rolloutId };
}

function ofLagging({ prompt, label, model, tenant, behind, live, since }: LaggingScope): Wanted {
  return {
    ...ABOUT_NOTHING,
    kind: "fleet_behind",
    text: `${behind} of ${counted(live, "service")} serve${behind === 1 ? "s" : ""} something older than ${label} does of ${prompt}.`,
    since: since.toISOString(),
    prompt: prompt || null,
    label,
    model: model || null,
    tenant: tenant || null,
  };
}

function ofDraft({ draftId, prompt, base, newest, author, since }: DraftBehind): Wanted {
  return {
    ...ABOUT_NOTHING,
    kind: "draft",
    text: `Your draft of ${prompt} is from @${base}; ${author} has saved @${newest} since.`,
    since: since.toISOString(),
    prompt,
    draftId,
  };
}
