import { useMemo } from "preact/hooks";
import type { Kept } from "../../data/kept.ts";
import type { RolloutCurve } from "../../../domain/shapes/curve.ts";
import { counted } from "../../../domain/text/counted.ts";
import { settingOf } from "../../../domain/plain/telling.ts";
import { type ChartMark, DifferenceChart } from "../../chart/difference-chart.tsx";
import { hasMirror } from "../../chart/curve.ts";
import { LookChart } from "../../chart/look-chart.tsx";
import { type Resource, useResource } from "../../data/resource.ts";
import { Empty, Loaded, Section } from "../../parts/page.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { type DrawnCurve, drawnCurves } from "./drawn-curve.ts";
import type { ShownRollout } from "./shown-rollout.ts";
import { tellingAt } from "./telling.ts";

const POINTS = 300;
/** Looks that make a line worth drawing. */
const FEWEST = 5;
const READING =
  "The shaded range is where the true difference can be, from worst to best case. It narrows as more users come in. Look as often as you like: looking changes nothing.";
const PALE =
  "Before the last share only harm is looked for: the lower side is as far away as the upper one, and pale.";
const MARKS: Readonly<Record<string, string>> = {
  rolled_back: "rolled back",
  promoted: "released",
  paused: "paused",
  resumed: "goes on",
  aborted: "stopped",
};

/** What the looks of a rollout that compares two versions have seen. */
export function useCurve(
  status: ShownRollout | undefined,
  changes: Kept<unknown>,
): Resource<RolloutCurve> | undefined {
  const isCompared = status !== undefined && status.baseline !== null && status.stage > 0;
  const curve = useResource<RolloutCurve>(
    isCompared ? `/v1/rollouts/${status.rolloutId}/curve?points=${POINTS}` : undefined,
    changes,
  );
  return isCompared ? curve : undefined;
}

/** How the differences came about: the one that decides in large, then each that must not get worse. */
export function Curves({
  status,
  curve,
}: {
  readonly status: ShownRollout;
  readonly curve: Resource<RolloutCurve> | undefined;
}) {
  const { time } = useMemo(() => tellingAt(new Date()), []);
  const found = curve?.value;
  if (!curve) return null;
  if (!found)
    return (
      <Section title="Is it better?">
        <Loaded from={curve} lines={8}>
          {() => null}
        </Loaded>
      </Section>
    );
  const drawn = drawnCurves(found, settingOf(status), time);
  const [goal, ...rails] = drawn;
  if (!goal || knownLooks(goal) === 0)
    return (
      <Section title="Is it better?">
        <Empty
          text={
            status.outcome === null
              ? "Waiting for the first 30 users in each group."
              : "It ended before there were 30 users in each group, so there is nothing to draw."
          }
        />
      </Section>
    );
  const marks = marksOf(found);
  const write = (at: number) => time(new Date(at).toISOString());
  return (
    <>
      <Section
        title={`Is it better? ${goal.title}`}
        note={drawn.some(({ curve: one }) => hasMirror(one)) ? `${READING} ${PALE}` : READING}
      >
        {knownLooks(goal) < FEWEST && status.outcome !== null && <p class="note">{soon(knownLooks(goal))}</p>}
        <Drawn one={goal} time={write} marks={marks} />
      </Section>
      {rails.length > 0 && (
        <Section title="Does anything get worse?">
          {rails.map((rail) => (
            <div key={rail.metric} class="guarded">
              <h3>{rail.title}</h3>
              <Drawn one={rail} time={write} marks={marks} />
            </div>
          ))}
        </Section>
      )}
    </>
  );
}

/** A line over time, or where there are few looks yet the last of them by itself. */
function Drawn({
  one,
  ...when
}: {
  readonly one: DrawnCurve;
  readonly time: (at: number) => string;
  readonly marks: readonly ChartMark[];
}) {
  const known = knownLooks(one);
  if (known === 0) return <p class="note">Too few yet.</p>;
  if (known < FEWEST) return <LookChart {...one} />;
  return (
    <>
      <DifferenceChart {...one} {...when} />
      <AsTable one={one} />
    </>
  );
}

const MOST_LINES = 20;
const HEADS = ["When", "New", "Current", "Difference", "Users"] as const;

/** The same in numbers: so many looks, evenly chosen, the newest first. */
function AsTable({ one }: { readonly one: DrawnCurve }) {
  const last = one.curve.at.length - 1;
  const many = Math.min(MOST_LINES, last + 1);
  const looks = Array.from({ length: many }, (_, at) => Math.round((last * (many - 1 - at)) / (many - 1)));
  const columns = HEADS.map((head, at): Column<number> => ({
    head,
    ...(at === 0 ? { isName: true as const } : { align: "right" as const }),
    cell: (look) => one.line(look)[at],
  }));
  return (
    <details class="statistics">
      <summary>As a table</summary>
      <Table caption={`${one.title}, look by look`} columns={columns} rows={looks} keyOf={String} />
    </details>
  );
}

const knownLooks = ({ curve }: DrawnCurve) => curve.estimate.filter((value) => value !== null).length;

function soon(looks: number): string {
  return looks === 1
    ? "It was decided at the first look that had enough users: this is all that it took."
    : `It was decided after ${counted(looks, "look")} that had enough users: this is all that it took.`;
}

function marksOf({ marks }: RolloutCurve): ChartMark[] {
  return marks.flatMap(({ at, kind, text }): ChartMark[] => {
    const share = kind === "stage_opened" ? /[\d.]+ ?%/.exec(text)?.[0] : undefined;
    const said = share?.replace(/ ?%/, " %") ?? MARKS[kind];
    return said === undefined ? [] : [{ at: Date.parse(at), text: said }];
  });
}
