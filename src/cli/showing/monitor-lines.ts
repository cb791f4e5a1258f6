import type {
  Finds,
  ListedAlert,
  ListedMonitor,
  ListedRegate,
  MonitorState,
} from "../../domain/shapes/monitors.ts";
import { sayBudget, sayUncounted } from "../../domain/plain/say-budget.ts";
import { sayMonitor } from "../../domain/plain/say-monitor.ts";
import { counted } from "../../domain/text/counted.ts";
import { percent } from "../../domain/text/percent.ts";
import { clock, columns, wrap } from "../../terminal/text-layout.ts";

const STATES: Readonly<Record<MonitorState, string>> = {
  learning: "learning",
  watching: "watching",
  alert: "ALERT",
  muted: "muted",
  rollout: "in a rollout",
  blind: "too usual to see a rise",
  stopped: "SPENT: calls are refused",
  paused: "paused: its last run failed",
  idle: "nothing live",
  off: "off",
};

export function monitorTable(monitors: readonly ListedMonitor[], width: number): string[] {
  return columns(
    [
      { head: "id" },
      { head: "version" },
      { head: "scope" },
      { head: "monitor" },
      { head: "state" },
      { head: "usual", align: "right" },
      { head: "accepted", align: "right" },
      { head: "doubling" },
    ],
    monitors.map((one) => [
      one.id.slice(0, 8),
      one.version ?? one.prompt,
      placeOf(one),
      one.name,
      STATES[one.state],
      one.reference ? percent(one.reference.rate, 2) : "",
      one.accepted === null ? "" : percent(one.accepted, 2),
      foundIn(one.finds.find(({ factor }) => factor === 2)),
    ]),
    width,
  );
}

export function monitorLines(one: ListedMonitor, width: number): string[] {
  const { reference, accepted } = one;
  return [
    ...wrap(`${one.name} of ${one.version ?? one.prompt} in ${placeOf(one)}: ${STATES[one.state]}`, width),
    ...(one.spec ? wrap(sayMonitor(one.spec), width) : []),
    ...(one.byPolicy ? ["as the policy says under which this version was promoted"] : []),
    ...(reference
      ? wrap(
          `held against ${counted(reference.calls, "call")} from ${clock(reference.from)} to ${clock(reference.until)}: ${percent(reference.rate, 3)}${accepted === null ? "" : `, and up to ${percent(accepted, 3)} is accepted`}`,
          width,
        )
      : one.spec?.kind === "rate"
        ? wrap("its reference is too young: 500 calls are needed, over a whole day at least", width)
        : []),
    ...(one.regate ? regateLines(one.regate).flatMap((line) => wrap(line, width)) : []),
    ...costLines(one).flatMap((line) => wrap(line, width)),
    ...one.finds.map((found) => `a rise to ${percent(found.factor, 3)} of the usual: ${foundIn(found)}`),
    ...(one.mutedUntil === null ? [] : [`muted until ${clock(one.mutedUntil)}`]),
  ];
}

export function alertLines(alerts: readonly ListedAlert[], width: number): string[] {
  return alerts.flatMap((one) => [
    `${one.id.slice(0, 8)}  ${one.resolvedAt === null ? "open" : "over"}  since ${clock(one.since)}${
      one.acknowledgedBy === null ? "" : `, taken on by ${one.acknowledgedBy}`
    }`,
    ...wrap(one.message, width),
    ...(one.triage?.says ?? []).flatMap((line) => wrap(line, width)),
    ...testedLines(one),
    ...(one.resolution === null ? [] : wrap(`over: ${one.resolution}`, width)),
    "",
  ]);
}

/** Where the answers are that tell whose doing it is. */
function testedLines({ triage }: ListedAlert): string[] {
  const { live = null, previous = null } = triage?.tests ?? {};
  return [live, previous].flatMap((one) =>
    one === null ? [] : [`answers of ${one.version}: evaluation ${one.evaluationId}`],
  );
}

function placeOf({ label, model, tenant }: ListedMonitor): string {
  return [label, ...(model === null ? [] : [model]), ...(tenant === null ? [] : [tenant])].join(" ");
}

function foundIn(found: Finds | undefined): string {
  if (!found) return "";
  if (found.hours === null) return "not found";
  return found.hours < 48 ? `found in ${found.hours} h` : `found in ${Math.round(found.hours / 24)} d`;
}

function regateLines({
  referredAt,
  comparedAt,
  cases,
  problem,
  answeredBy,
  ...regate
}: ListedRegate): string[] {
  const { passRate, referencePassRate } = regate;
  return [
    referredAt === null
      ? "no reference yet: its tests are asked five times over first"
      : `its reference is of ${clock(referredAt)}: ${percent(referencePassRate ?? 0)} passed`,
    ...(comparedAt === null || passRate === null
      ? []
      : [`asked again ${clock(comparedAt)}: ${percent(passRate)} of ${counted(cases, "case")} passed`]),
    ...(answeredBy === null ? [] : [`its calls are answered by ${answeredBy}, as the vendor names it`]),
    ...(problem === null
      ? []
      : [`its last run failed, and none follows until it is set again (sluice monitors set): ${problem}`]),
  ];
}

function costLines(one: ListedMonitor): string[] {
  return [...sayBudget(one), ...uncountedWarnings([one])];
}

/** What of the budgets that stop calls cannot be counted. */
export function uncountedWarnings(monitors: readonly ListedMonitor[]): string[] {
  return monitors.flatMap(sayUncounted);
}
