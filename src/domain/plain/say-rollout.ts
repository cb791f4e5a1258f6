import { counted, grouped } from "../text/counted.ts";
import type { RolloutStatus } from "../rollout/rollout.ts";
import { people, span } from "./amounts.ts";
import { sayEnding } from "./say-ending.ts";
import { sayLine } from "./say-metric.ts";
import { titleOf } from "./names.ts";
import { holds } from "./say-quality.ts";
import { whoHasIt } from "./say-services.ts";
import { inOneLine, type Said, said } from "./said.ts";
import { settingOf, shortName, type Telling } from "./telling.ts";
import type { RolloutSetting } from "../rollout/reading.ts";

/** Where a rollout is, in a headline and a sentence or two. */
export function sayRollout(status: RolloutStatus, telling: Telling): Said {
  const setting = settingOf(status);
  const { users } = setting;
  const current = status.baseline === null ? "the version before" : shortName(status.baseline);
  if (status.outcome !== null) return sayEnding(status, telling);
  if (setting.unattendedSince !== null && status.phase === "canary")
    return said(
      "wait",
      "Unattended",
      `No worker has looked in time, so every service went back to ${current} by itself at ${telling.time(setting.unattendedSince)}. It goes on when a worker is back.`,
    );
  switch (status.phase) {
    case "validating":
      return said("calm", "Starting", "Checking the version and its rules. This takes seconds.");
    case "evaluating":
      return said(
        "calm",
        "Running the tests",
        `${counted(setting.tests?.answers ?? status.gate?.results ?? 0, "answer")} so far. No user sees the new version yet.`,
      );
    case "awaiting_approval":
      return waiting(status, telling);
    case "promoting":
      return said("calm", "Being released", `Everybody is about to get it.${whoHasIt(status.fleet)}`);
    case "watching": {
      const until = setting.watchedUntil === null ? "" : ` until ${telling.time(setting.watchedUntil)}`;
      return said(
        "good",
        "Released, still watched",
        `Everybody has it but ${status.share} %, who keep ${current} for comparison${until}. Harm still rolls it back.`,
      );
    }
    case "rolling_back":
      return said("harm", "Being rolled back", `Services go back to ${current}.${whoHasIt(status.fleet)}`);
    case "canary":
    case "done":
      return canary(status, telling, users);
  }
}

function waiting({ waitingFor, setting, gate }: RolloutStatus, { time }: Telling): Said {
  const approval = setting?.approval;
  const left = Math.max(1, (approval?.needed ?? 1) - (approval?.given.length ?? 0));
  const more = `${left === 1 ? "One more person has" : `${left} more people have`} to agree`;
  const until = approval ? `, until ${time(approval.until)}; after that it is turned down` : "";
  if (waitingFor === "canary") {
    const tests = setting?.tests;
    const passed =
      tests?.verdict === "pass"
        ? `The tests passed (${tests.passed} of ${tests.cases}). `
        : gate?.verdict === "pass"
          ? "The tests passed. "
          : "";
    return said("wait", "Waiting for a yes", `${passed}${more} before any user sees it${until}.`);
  }
  return said(
    "wait",
    "Good enough. Waiting for a yes",
    `Everything that had to be shown is shown. ${more}${until}.`,
  );
}

function canary(status: RolloutStatus, telling: Telling, users: string): Said {
  const setting = settingOf(status);
  const headline = `Being tried by ${status.share} % of ${users}`;
  if (status.waitingFor === "operator")
    return said(
      "wait",
      "Not decided",
      `${status.reason ?? "The evidence does not decide it"}. ${status.share} % of ${users} keep it until somebody releases or stops it.`,
    );
  if (status.paused) {
    const { by, why } = setting.pausedBy ?? { by: "somebody", why: null };
    return said(
      "wait",
      `Paused by ${by}`,
      `${status.share} % keep the new version. It neither grows nor is released. Harm still rolls it back.${why === null ? "" : ` “${why}”`}`,
    );
  }
  if (status.stage === 0) return said("calm", "Being opened", `The first ${users} are about to get it.`);
  const held = status.evidence.find((line) => holds(line));
  if (held) return said("wait", "On hold", `${inOneLine(sayLine(held, setting))} ${whatToCheck(held.role)}`);
  const both = setting.fuses.find((fuse) => fuse.both);
  if (both)
    return said(
      "wait",
      "On hold",
      `${titleOf(both.metric, setting)} ${both.above === undefined ? "are under" : "are over"} the limit in both groups. Something else than the version is wrong: look there first.`,
    );
  return said("calm", headline, progress(status, setting, telling));
}

function whatToCheck(role: string): string {
  return role === "split"
    ? "Somebody should look: does every service ask for the version by the user?"
    : "Somebody should look: does every service record what came of each answer?";
}

/** What keeps it from going on. */
function progress(status: RolloutStatus, setting: RolloutSetting, { time, msUntil }: Telling): string {
  const named = status.evidence.filter(({ role }) => role === "goal" || role === "guardrail");
  const watched = named.filter(
    ({ metric }) => !setting.readings.some((one) => one.metric === metric && one.watches !== undefined),
  );
  const few = watched.find(({ verdict }) => verdict === "not_enough_data");
  if (watched.length === 0 || few) {
    const [word, text] = few ? [sayLine(few, setting), titleOf(few.metric, setting)] : [null, ""];
    return word === null ? "Nothing has been measured yet." : `${text}: ${inOneLine(word)}`;
  }
  if (!setting.lastStage) {
    const { stage } = setting;
    const left = [
      stage && msUntil(stage.until) > 0 ? span(msUntil(stage.until)) : "",
      stage && stage.unitsLeft > 0 ? `${people(stage.unitsLeft, setting.users)} in each group` : "",
    ].filter(Boolean);
    return left.length === 0
      ? "Nothing got worse so far."
      : `Nothing got worse so far. ${left.join(" and ")} ${left.length === 1 && left[0]!.startsWith("1 ") ? "is" : "are"} left at this share.`;
  }
  const open = watched.filter(({ verdict }) => verdict === "not_yet");
  const met = watched.filter(({ verdict }) => verdict === "met");
  const lacking =
    setting.stage && setting.stage.unitsLeft > 0
      ? ` ${grouped(setting.stage.unitsLeft)} more ${setting.users} in each group have to be seen.`
      : "";
  if (open.length === 0)
    return `Nothing got worse, and what had to be shown is shown.${lacking || untilOf(setting, { time, msUntil })}`;
  const names = list(open.map(({ metric }) => titleOf(metric, setting)));
  const first = open[0]!;
  const rest =
    met.length === 0
      ? "Nothing got worse so far."
      : `${list(met.map(({ metric }) => titleOf(metric, setting)))}: good enough.`;
  return `${rest} ${names}: ${lowered(inOneLine(sayLine(first, setting)))}${lacking}`;
}

function untilOf({ stage }: RolloutSetting, { time, msUntil }: Telling): string {
  return stage && msUntil(stage.until) > 0 ? ` This share lasts until ${time(stage.until)} at least.` : "";
}

function list(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

function lowered(sentence: string): string {
  return sentence.slice(0, 1).toLowerCase() + sentence.slice(1);
}
