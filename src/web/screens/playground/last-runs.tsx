import { Section } from "../../parts/page.tsx";
import { ShownText } from "../../parts/shown-text.tsx";
import { Time } from "../../parts/time.tsx";
import { type KeptRun, MOST_KEPT } from "./kept-runs.ts";

const LONGEST = 120;

/** What somebody had answered here before, to be looked at again; nothing where that is nothing. */
export function LastRuns({
  runs,
  onOpen,
  onForget,
}: {
  readonly runs: readonly KeptRun[];
  readonly onOpen: (run: KeptRun) => void;
  readonly onForget: () => void;
}) {
  if (runs.length === 0) return null;
  return (
    <Section
      title="Your last runs"
      note={`The newest ${MOST_KEPT} answers, kept on this device alone and shown to nobody else.`}
    >
      <ul class="last-runs card">
        {runs.map((one, index) => (
          <li key={`${one.at} ${index}`}>
            <span>
              <strong>{one.name}</strong>
              {one.preferred && <span class="note"> chosen without knowing which it was</span>}
              <span class="note">
                {" "}
                <Time at={one.at} />
              </span>
              <span class="block">
                <ShownText text={firstWords(one.run.text)} />
              </span>
            </span>
            <button type="button" class="small" onClick={() => onOpen(one)}>
              Open<span class="heard"> what {one.name} answered</span>
            </button>
          </li>
        ))}
      </ul>
      <p class="after-table">
        <button type="button" class="small" onClick={onForget}>
          Forget them
        </button>
      </p>
    </Section>
  );
}

function firstWords(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  if (line === "") return "(no text)";
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
