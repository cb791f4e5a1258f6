import { useMemo } from "preact/hooks";
import type { Kept } from "../../data/kept.ts";
import type { RolloutCurve } from "../../../domain/shapes/curve.ts";
import { settingOf } from "../../../domain/plain/telling.ts";
import { type ChartMark, DifferenceChart } from "../../chart/difference-chart.tsx";
import { useResource } from "../../data/resource.ts";
import { Empty, Loaded, Section } from "../../parts/page.tsx";
import { drawnCurves } from "./drawn-curve.ts";
import type { ShownRollout } from "./shown-rollout.ts";
import { tellingAt } from "./telling.ts";

const POINTS = 300;
/** Looks that make a picture. */
const FEWEST = 2;
const MARKS: Readonly<Record<string, string>> = {
  rolled_back: "rolled back",
  promoted: "released",
  paused: "paused",
  resumed: "goes on",
  aborted: "stopped",
};

/** How the differences came about: the one that decides in large, then each that must not get worse. */
export function Curves({
  status,
  changes,
}: {
  readonly status: ShownRollout;
  readonly changes: Kept<unknown>;
}) {
  const isCompared = status.baseline !== null && status.stage > 0;
  const path = isCompared ? `/v1/rollouts/${status.rolloutId}/curve?points=${POINTS}` : undefined;
  const curve = useResource<RolloutCurve>(path, changes);
  const found = curve.value;
  const { time } = useMemo(() => tellingAt(new Date()), []);
  if (!isCompared) return null;
  const drawn = found && found.at.length >= FEWEST ? drawnCurves(found, settingOf(status), time) : [];
  const [goal, ...rails] = drawn;
  if (!found)
    return (
      <Section title="Is it better?">
        <Loaded from={curve} lines={8}>
          {() => null}
        </Loaded>
      </Section>
    );
  if (!goal)
    return (
      <Section title="Is it better?">
        <Empty text="Waiting for the first 30 users in each group." />
      </Section>
    );
  const marks = marksOf(found);
  const write = (at: number) => time(new Date(at).toISOString());
  return (
    <>
      <Section
        title={`Is it better? ${goal.title}`}
        note="The shaded range is where the true difference can be, from worst to best case. It narrows as more users come in. Look as often as you like: looking changes nothing."
      >
        <DifferenceChart {...goal} time={write} marks={marks} />
      </Section>
      {rails.length > 0 && (
        <Section title="Does anything get worse?">
          {rails.map((rail) => (
            <div key={rail.metric} class="rail">
              <h3>{rail.title}</h3>
              <DifferenceChart {...rail} time={write} marks={marks} />
            </div>
          ))}
        </Section>
      )}
    </>
  );
}

function marksOf({ marks }: RolloutCurve): ChartMark[] {
  return marks.flatMap(({ at, kind, text }): ChartMark[] => {
    const share = kind === "stage_opened" ? /[\d.]+ ?%/.exec(text)?.[0] : undefined;
    const said = share?.replace(/ ?%/, " %") ?? MARKS[kind];
    return said === undefined ? [] : [{ at: Date.parse(at), text: said }];
  });
}
