import { useMemo } from "preact/hooks";
import type { RolloutCurve } from "../../../domain/shapes/curve.ts";
import { Recomputed } from "./recomputed.tsx";
import { tellingAt } from "./telling.ts";
import { sayLine } from "../../../domain/plain/say-metric.ts";
import { size, value } from "../../../domain/plain/amounts.ts";
import { measureOf, titleOf } from "../../../domain/plain/names.ts";
import { settingOf } from "../../../domain/plain/telling.ts";
import type { Evidence } from "../../../domain/rollout/verdict.ts";
import { Icon, type IconName } from "../../parts/icon.tsx";
import { figure, signed } from "../../parts/numbers.ts";
import { type Column, Table } from "../../parts/table.tsx";
import type { ShownRollout } from "./shown-rollout.ts";
import { type Tone, WORD_OF_TONE } from "../../parts/tones.ts";

const ICONS: Readonly<Record<Tone, IconName>> = { calm: "open", good: "done", harm: "harm", wait: "needs" };
const ROLES: Readonly<Record<Evidence["role"], string>> = {
  goal: "decides",
  guardrail: "must not get worse",
  fuse: "emergency stop",
  split: "fair comparison",
  coverage: "arrivals",
  segment: "for some",
};
const nothing = <span class="note">–</span>;

/** Every line of evidence, with what it says in words; the numbers that decided fold out. */
export function Measured({
  status,
  curve,
}: {
  readonly status: ShownRollout;
  readonly curve: RolloutCurve | undefined;
}) {
  const setting = settingOf(status);
  const { time } = useMemo(() => tellingAt(new Date()), []);
  const measureOfLine = ({ metric, role }: Pick<Evidence, "metric" | "role">) => {
    const reading = setting.readings.find((one) => one.metric === metric && one.segment === undefined);
    const isShare = setting.fuses.some((one) => one.metric === metric && one.isShare);
    // How many of the users reported it: a share, whatever is reported.
    const kind = role === "coverage" ? "rare" : (reading?.kind ?? (isShare ? "rare" : "mean"));
    return measureOf(metric, kind, setting);
  };
  const inUnit = (line: Evidence, mean: number | null) =>
    mean === null ? nothing : value(mean, measureOfLine(line));
  const differenceIn = (line: Pick<Evidence, "metric" | "role">, diff: number) => {
    const sign = diff === 0 ? "" : diff > 0 ? "+" : "−";
    return `${sign}${size(diff, measureOfLine(line))}`;
  };
  const columns: readonly Column<Evidence>[] = [
    {
      head: "Measured",
      isName: true,
      cell: ({ metric, role, segment }) => (
        <>
          {titleOf(metric, setting)}
          <span class="note block">{segment ?? ROLES[role]}</span>
        </>
      ),
    },
    { head: "New", align: "right", cell: (line) => inUnit(line, line.mean.candidate) },
    { head: "Current", align: "right", cell: (line) => inUnit(line, line.mean.control) },
    {
      head: "Difference",
      align: "right",
      cell: ({ diff, lift, ...line }) =>
        diff === null ? (
          nothing
        ) : (
          <>
            {differenceIn(line, diff)}
            {lift !== undefined && (
              <span class="note block">{signed(Number((lift * 100).toPrecision(2)))} %</span>
            )}
          </>
        ),
    },
    {
      head: "What it says",
      cell: (line) => {
        const { word, text, tone } = sayLine(line, setting);
        return (
          <span class={`said ${tone}`}>
            <Icon name={ICONS[tone]} />
            <span>
              <span class="heard">{WORD_OF_TONE[tone]}: </span>
              <strong>{word}</strong> {text}
            </span>
          </span>
        );
      },
    },
    {
      head: "Since",
      cell: (line) => {
        const since = sinceOf(line, curve);
        return since === null ? nothing : time(since);
      },
    },
  ];
  return (
    <>
      <Table
        caption="What was measured"
        columns={columns}
        rows={status.evidence}
        keyOf={({ metric, role, segment }) => `${role} ${metric} ${segment ?? ""}`}
      />
      <details class="statistics">
        <summary>Numbers for statisticians</summary>
        <Table
          caption="Numbers for statisticians"
          columns={STATISTICS}
          rows={status.evidence}
          keyOf={({ metric, role, segment }) => `${role} ${metric} ${segment ?? ""}`}
        />
        <Recomputed rolloutId={status.rolloutId} />
      </details>
    </>
  );
}

/** Since when what is said of a line has been so at every look; null where that is not known. */
function sinceOf(
  { metric, role, verdict, segment }: Evidence,
  curve: RolloutCurve | undefined,
): string | null {
  const found =
    segment === undefined && (role === "goal" || role === "guardrail") ? curve?.metrics[metric] : undefined;
  if (verdict === "met") return found?.since.met ?? null;
  return verdict === "harm" ? (found?.since.harm ?? null) : null;
}

const STATISTICS: readonly Column<Evidence>[] = [
  { head: "Metric", isName: true, cell: ({ metric, role }) => `${metric} (${role})` },
  { head: "n", align: "right", cell: ({ n }) => `${n.candidate} / ${n.control}` },
  {
    head: "95 % interval",
    align: "right",
    cell: ({ ci }) => (ci ? `${signed(ci[0])} to ${signed(ci[1])}` : nothing),
  },
  { head: "p", align: "right", cell: ({ p }) => shown(p) },
  { head: "α", align: "right", cell: ({ alpha }) => shown(alpha ?? null) },
  {
    head: "z / boundary",
    align: "right",
    cell: ({ z, boundary }) => (z === null ? nothing : `${z.toFixed(2)} / ${boundary?.toFixed(2) ?? "–"}`),
  },
  { head: "Verdict", cell: ({ verdict }) => verdict.replaceAll("_", " ") },
];

function shown(value: number | null) {
  return value === null ? nothing : figure(value);
}
