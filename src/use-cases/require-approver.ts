import { SluiceError } from "../domain/errors.ts";
import type { PrincipalKind } from "../domain/access/principal.ts";
import { isOneOf, mayBeOne, type Voice } from "../domain/rollout/approval-voices.ts";
import type { Database } from "../storage/database.ts";
import { pusherOf, starterOf } from "../storage/read/decision.ts";
import type { RolloutRow } from "../storage/read/rollout-row.ts";
import { type VersionRow, versionName } from "../storage/read/version.ts";

/** Who wants to say yes. */
export interface Decider {
  readonly by: string;
  readonly login: string;
  readonly proof: PrincipalKind | undefined;
  /** Of a person, where the issuer has verified it. */
  readonly email?: string | undefined;
}

/** `forbidden` for whose yes a rollout's policy does not take: the version's author, whoever only asks, the unproven. */
export async function requireApprover(
  db: Database,
  rollout: RolloutRow,
  version: VersionRow,
  who: Decider,
): Promise<void> {
  const { proven, distinct_author, distinct_starter } = rollout.policy.approval ?? {};
  if (proven) await refuseUnproven(db, rollout, version, who);
  if (distinct_author) await refuseAuthor(db, rollout, version, who);
  if (distinct_starter) await refuseStarter(db, rollout, version, who);
}

const IS_KNOWN: Readonly<Record<PrincipalKind, string>> = {
  key: "with a key",
  person: "signed in",
  workload: "as a CI job",
  proxy: "through a proxy",
};

/** Where proof alone counts, it has to be shown that somebody else approves than whoever pushed the version. */
async function refuseUnproven(
  db: Database,
  rollout: RolloutRow,
  version: VersionRow,
  { by, proof }: Decider,
): Promise<void> {
  const wants = "its policy counts approvals by proof alone (approval.proven)";
  const refused = (why: string) => new SluiceError("forbidden", `${why}: ${wants}`, { proof: proof ?? null });
  if (proof === undefined)
    throw refused(
      `the login of a database proves nobody's name: approve ${versionName(version)} over a server, signed in or with a key`,
    );
  if (!rollout.policy.approval?.distinct_author) return;
  const pusher = await pusherOf(db, version.id);
  if (!pusher || pusher.kind === "login")
    throw refused(
      `who pushed ${versionName(version)} is not proven, and it might be ${by}: push it over a server, or say approval.distinct_author: false`,
    );
  if (pusher.kind === proof || !mayBeOne(pusher, { kind: proof, name: by })) return;
  throw refused(
    `${pusher.name} pushed ${versionName(version)} ${IS_KNOWN[pusher.kind]}, and might be ${by}, who is here ${IS_KNOWN[proof]}: somebody has to approve it ${IS_KNOWN[pusher.kind]}`,
  );
}

/** Somebody who may only ask for a release asked for this one: it takes another to say yes. */
async function refuseStarter(
  db: Database,
  rollout: RolloutRow,
  version: VersionRow,
  who: Decider,
): Promise<void> {
  const starter = await starterOf(db, rollout.id);
  const proven = rollout.policy.approval?.proven === true;
  if (!starter || !isOneOf(voiceOfDecider(who), starter, proven)) return;
  throw new SluiceError(
    "forbidden",
    starter.name === who.by
      ? `${starter.name} started the rollout of ${versionName(version)} on a protected label: somebody else has to approve it`
      : `${starter.name} started the rollout of ${versionName(version)} on a protected label, and ${who.by} ${proven ? "may be" : "is"} the same person: somebody else has to approve it`,
    { starter: starter.name },
  );
}

function voiceOfDecider({ by, login, proof, email }: Decider): Voice {
  return proof ? { kind: proof, name: by, email } : { kind: "login", name: login };
}

/** Somebody else than the version's author approves it: another login, or where the policy says so another name. */
async function refuseAuthor(
  db: Database,
  rollout: RolloutRow,
  version: VersionRow,
  who: Decider,
): Promise<void> {
  const { by, login, proof } = who;
  const asserted = rollout.policy.approval?.asserted === true;
  const wants = "its policy wants somebody else to approve it (approval.distinct_author)";
  if (version.author === by)
    throw new SluiceError("forbidden", `${by} wrote ${versionName(version)}: ${wants}`, {
      author: version.author,
    });
  const pusher = await pusherOf(db, version.id);
  if (proof) {
    if (!pusher || !isOneOf(voiceOfDecider(who), pusher, false)) return;
    const { name } = pusher;
    throw new SluiceError(
      "forbidden",
      `${name} pushed ${versionName(version)}${name === by ? "" : `, and ${by} is the same person`}: ${wants}`,
      { author: version.author, pusher: name },
    );
  }
  if (asserted || pusher?.name !== login) return;
  throw new SluiceError(
    "forbidden",
    `the login ${login} pushed ${versionName(version)}: ${wants}. Approvals are counted by login; where operators share one, the policy can say approval.asserted: true, and names count`,
    { author: version.author, login },
  );
}
