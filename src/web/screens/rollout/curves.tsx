import { useMemo } from "preact/hooks";
import type { Kept } from "../../data/kept.ts";
import type { RolloutCurve } from "../../../domain/shapes/curve.ts";
import { curveData } from "../../../domain/addresses/first-data.ts";
import { people } from "../../../domain/plain/amounts.ts";
import { counted } from "../../../domain/text/counted.ts";
import { settingOf } from "../../../domain/plain/telling.ts";
import type { ChartMark } from "../../chart/curve.ts";
import { DifferenceChart } from "../../chart/difference-chart.tsx";
import { hasMirror, knownLooks } from "../../chart/curve.ts";
import { LookChart } from "../../chart/look-chart.tsx";
import { type Resource, useResource } from "../../data/resource.ts";
import { Empty, Loaded, Section } from "../../parts/page.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { changeQuery, useQuery } from "../../route.ts";
import { AXES, type Axis, type DrawnCurve, drawnCurves } from "./drawn-curve.ts";
import { marksOf } from "./curve-marks.ts";
import { FuseBars } from "./fuse-bars.tsx";
import type { ShownRollout } from "./shown-rollout.ts";
import { tellingAt } from "./telling.ts";

/** Looks that make a line worth drawing. */
const FEWEST = 5;
const READING =
  "The shaded range is where the true difference can be, from worst to best case. It narrows as more users come in. Look as often as you like: looking changes nothing.";
const FACTORS =
  "How many times as often as with the current version: 1 × is the same, and further up is less often.";
const PALE =
  "Before the last share only harm is looked for: the lower side is as far away as the upper one, and pale.";

/** What the looks of a rollout that compares two versions have seen; asked for before it is known whether it does. */
export function useCurve(
  rollout: string,
  status: ShownRollout | undefined,
  changes: Kept<unknown>,
): Resource<RolloutCurve> | undefined {
  const isCompared = status !== undefined && status.baseline !== null && status.stage > 0;
  const curve = useResource<RolloutCurve>(
    isCompared || status === undefined ? curveData(rollout) : undefined,
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
  const asked = useQuery().get("x");
  const axis = AXES.find((one) => one === asked) ?? "time";
  const found = curve?.value;
  if (!curve) return <NothingCompared status={status} />;
  if (!found)
    return (
      <Section title="Is it better?">
        <Loaded from={curve} lines={8}>
          {() => null}
        </Loaded>
      </Section>
    );
  const setting = settingOf(status);
  const drawn = drawnCurves(found, { setting, axis, time });
  const [goal, ...rails] = drawn;
  const known = goal ? knownLooks(goal.curve).length : 0;
  if (!goal || known === 0)
    return (
      <>
        <Section title="Is it better?">
          <Empty
            text={
              status.outcome === null
                ? "Waiting for the first 30 users in each group."
                : "It ended before there were 30 users in each group, so there is nothing to draw."
            }
          />
        </Section>
        {setting.fuses.length > 0 && (
          <Section title="Does anything get worse?">
            <FuseBars setting={setting} />
          </Section>
        )}
      </>
    );
  const marks = marksOf(found, axis);
  const write = (at: number) =>
    axis === "users" ? people(at, setting.users) : time(new Date(at).toISOString());
  return (
    <>
      <Section
        title={`Is it better? ${goal.title}`}
        note={drawn.some(({ curve: one }) => hasMirror(one)) ? `${READING} ${PALE}` : READING}
      >
        {known < FEWEST && status.outcome !== null && <p class="note">{soon(known)}</p>}
        {known >= FEWEST && <AxisChoice axis={axis} users={setting.users} />}
        <Drawn one={goal} time={write} marks={marks} />
      </Section>
      {rails.length + setting.fuses.length > 0 && (
        <Section title="Does anything get worse?">
          {rails.map((rail) => (
            <div key={rail.metric} class="guarded">
              <h3>{rail.title}</h3>
              <Drawn one={rail} time={write} marks={marks} />
            </div>
          ))}
          <FuseBars setting={setting} />
        </Section>
      )}
    </>
  );
}

/** Why there is no picture; of what ended before any user had it that is said already. */
function NothingCompared({ status: { baseline, outcome } }: { readonly status: ShownRollout }) {
  if (outcome !== null) return null;
  return (
    <Section title="Is it better?">
      <Empty
        text={
          baseline === null
            ? "There is nothing to compare with yet: the tests alone decide."
            : "No user has it yet, so there is nothing to compare."
        }
      />
    </Section>
  );
}

/** Whether pictures go by time or by how many users have come. */
function AxisChoice({ axis, users }: { readonly axis: Axis; readonly users: string }) {
  const names: Readonly<Record<Axis, string>> = { time: "Over time", users: `By ${users} in each group` };
  return (
    <div class="views axes" role="group" aria-label="What pictures go by">
      {AXES.map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={one === axis}
          onClick={() => changeQuery({ x: one === "time" ? "" : one })}
        >
          {names[one]}
        </button>
      ))}
    </div>
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
  const known = knownLooks(one.curve).length;
  if (known === 0)
    return <p class="note">{one.curve.isFactor ? "Not once in either group." : "Too few yet."}</p>;
  if (known < FEWEST)
    return (
      <>
        {one.curve.isFactor && <p class="note">{FACTORS}</p>}
        <LookChart {...one} />
      </>
    );
  return (
    <>
      {one.curve.isFactor && <p class="note">{FACTORS}</p>}
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

function soon(looks: number): string {
  return looks === 1
    ? "It was decided at the first look that had enough users: this is all that it took."
    : `It was decided after ${counted(looks, "look")} that had enough users: this is all that it took.`;
}
