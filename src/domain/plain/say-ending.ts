import type { RolloutSetting } from "../rollout/reading.ts";
import { gateReason, type RolloutStatus } from "../rollout/rollout.ts";
import type { Evidence } from "../rollout/verdict.ts";
import { people, size } from "./amounts.ts";
import { comparatives, measureOf, titleOf } from "./names.ts";
import { sayLine } from "./say-metric.ts";
import { whoHasIt } from "./say-services.ts";
import { sayTests } from "./say-tests.ts";
import { inOneLine, said, type Said } from "./said.ts";
import { settingOf, shortName, type Telling } from "./telling.ts";

/** How a rollout has ended. */
export function sayEnding(status: RolloutStatus, telling: Telling): Said {
  switch (status.outcome) {
    case "promoted":
      return promoted(status);
    case "rejected":
      return rejected(status);
    case "rolled_back":
      return rolledBack(status, telling);
    case "aborted": {
      const { by, why } = byHand(status.reason, "aborted");
      return said("calm", by === null ? "Stopped" : `Stopped by ${by}`, `${quoted(why)}${back(status)}`);
    }
    case "inconclusive":
      return inconclusive(status);
    case "superseded":
      return said(
        "calm",
        "Overtaken",
        `Somebody moved ${status.label} meanwhile: what they made it serve is served. ${reached(status)}`.trim(),
      );
    case "failed":
    case null: {
      const { deadLetterId } = settingOf(status);
      const left =
        deadLetterId === null ? "" : ` What is left to do is in dead letter ${deadLetterId.slice(0, 8)}.`;
      return said(
        "harm",
        "Broke down",
        `${sentence(status.reason ?? "A part stayed broken")} ${back(status)}${left}`,
      );
    }
  }
}

function promoted(status: RolloutStatus): Said {
  const { baseline, evidence, reason } = status;
  const setting = settingOf(status);
  const confirmed = whoHasIt(status.fleet);
  if (baseline === null)
    return said(
      "good",
      "Released to everybody",
      `The first version: ${status.gate ? "the tests passed, and there" : "there"} was nothing to compare with.${confirmed}`,
    );
  if (reason?.includes("an operator asked for promotion"))
    return said(
      "good",
      "Released by hand",
      `Before the proof was complete, and nothing showed harm.${confirmed}`,
    );
  const goal = evidence.find(({ role }) => role === "goal");
  if (!goal)
    return said("good", "Released to everybody", `The tests passed; they alone decide here.${confirmed}`);
  const title = titleOf(goal.metric, setting);
  const others = evidence.some(({ role }) => role === "guardrail") ? " Nothing else got worse." : "";
  return said(
    "good",
    "Released to everybody",
    `${title} against ${shortName(baseline)}: ${lowered(sayLine(goal, setting).text)}${others}${confirmed}`,
  );
}

function rejected(status: RolloutStatus): Said {
  const { reason, gate } = status;
  const { tests } = settingOf(status);
  const { by, why } = byHand(reason, "rejected");
  if (by !== null) return said("harm", `Turned down by ${by}`, `${quoted(why)}${reached(status)}`);
  if (reason?.startsWith("nobody approved in time"))
    return said("harm", "Nobody said yes in time", `It was turned down. ${reached(status)}`);
  if (gate && reason === gateReason(gate)) {
    const against = status.baseline === null ? null : shortName(status.baseline);
    const what = tests ? inOneLine(sayTests(tests, against)) : sentence(gate.reason ?? "");
    return said("harm", "Stopped by the tests", `${what} ${reached(status)}`);
  }
  return said("harm", "Turned down", `${sentence(reason ?? "")} ${reached(status)}`.trim());
}

function rolledBack(status: RolloutStatus, telling: Telling): Said {
  const { evidence, verdict, reason } = status;
  const setting = settingOf(status);
  const hand = /^rolled back by an operator(?:: (.*))?$/s.exec(reason ?? "");
  if (hand) return said("harm", "Rolled back by hand", `${quoted(hand[1] ?? null)}${back(status, telling)}`);
  if (verdict === "fuse") {
    const fuse = setting.fuses.find((one) => one.beyond && !one.both);
    const line = evidence.find(({ role, metric }) => role === "fuse" && (!fuse || metric === fuse.metric));
    const what = line
      ? `${titleOf(line.metric, setting)}: ${sayLine(line, setting).text}`
      : sentence(reason ?? "");
    return said("harm", "Emergency stop", `${what} ${reached(status)}${back(status, telling)}`);
  }
  if (verdict === "invalid") {
    const line = evidence.find((one) => one.verdict === "invalid");
    const what = line ? sayLine(line, setting).text : sentence(reason ?? "");
    const check =
      line?.role === "coverage" ? "what services record" : "that services ask for the version by the user";
    return said(
      "harm",
      "Rolled back: the comparison was not fair",
      `${what} This says nothing about the version. Check ${check}, then try again. ${back(status, telling)}`,
    );
  }
  const line = worst(evidence);
  if (!line)
    return said(
      "harm",
      "Rolled back",
      `${sentence(reason ?? "")} ${reached(status)}${back(status, telling)}`,
    );
  const { text } = sayLine(line, setting);
  const what = line.role === "segment" ? text : `${titleOf(line.metric, setting)}: ${lowered(text)}`;
  return said("harm", "Rolled back", `${what} ${reached(status)}${back(status, telling)}`);
}

/** The line that harm was proven by: of all users before that of some. */
function worst(evidence: readonly Evidence[]): Evidence | undefined {
  const harmed = evidence.filter(({ verdict }) => verdict === "harm");
  return harmed.find(({ role }) => role !== "segment") ?? harmed[0];
}

function inconclusive(status: RolloutStatus): Said {
  const { evidence, units, verdict } = status;
  const setting = settingOf(status);
  if (verdict === "no_data")
    return said(
      "wait",
      "Nothing was measured",
      `No value of any metric arrived. Check that services record it. ${back(status)}`,
    );
  const goal = evidence.find(({ role }) => role === "goal");
  const smaller = Math.min(units.candidate, units.control);
  return said(
    "wait",
    "Not decided",
    `After ${people(smaller, setting.users)} in each group it is still open${goal ? between(goal, setting) : ""}. ${back(status)}`,
  );
}

/** Where the true difference lies, and what would have been allowed. */
function between(goal: Evidence, setting: RolloutSetting): string {
  const reading = setting.readings.find(
    ({ metric, segment }) => metric === goal.metric && segment === undefined,
  );
  if (!reading || goal.ci === null) return "";
  const measure = measureOf(goal.metric, reading.kind, setting);
  const { worse, better } = comparatives(reading, measure);
  const [worst, best] = reading.direction === "higher" ? goal.ci : [-goal.ci[1], -goal.ci[0]];
  const side = (of: number) => `${size(of, measure)} ${of < 0 ? worse : better}`;
  const allowed = reading.allowed === null ? "" : `; ${size(reading.allowed, measure)} ${worse} is allowed`;
  return `: ${titleOf(goal.metric, setting).toLowerCase()} can be anything from ${side(worst)} to ${side(best)}${allowed}`;
}

/** Who has ended it, and what they said, out of the reason that is kept. */
function byHand(
  reason: string | null,
  done: "aborted" | "rejected",
): { by: string | null; why: string | null } {
  const found = new RegExp(`^${done} by (.+?)(?:: (.*))?$`, "s").exec(reason ?? "");
  const why = found?.[2];
  return { by: found?.[1] ?? null, why: why === undefined || why === "no reason given" ? null : why };
}

function quoted(why: string | null): string {
  return why === null ? "" : `“${why}” `;
}

/** How many users have had it. */
function reached(status: RolloutStatus): string {
  const { candidate } = status.units;
  const { users } = settingOf(status);
  if (candidate === 0) return `No ${users === "users" ? "user has" : `${users} have`} seen it. `;
  return `${people(candidate, users)} had seen it. `;
}

/** What everybody gets now. */
function back({ baseline, endedAt }: RolloutStatus, telling?: Telling): string {
  if (baseline === null) return "Nobody gets it.";
  const since = telling && endedAt !== null ? ` again since ${telling.time(endedAt)}` : "";
  return `Everybody gets ${shortName(baseline)}${since}.`;
}

/** With a capital letter and a full stop. */
function sentence(text: string): string {
  if (text === "") return "";
  const capital = text.slice(0, 1).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

function lowered(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
