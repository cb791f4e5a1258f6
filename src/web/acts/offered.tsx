import { useId } from "preact/hooks";
import type { Right } from "../../domain/shapes/rights.ts";

export interface OfferedAct {
  readonly name: string;
  readonly right: Right | undefined;
  readonly tone?: "primary" | "danger";
  readonly isSmall?: boolean;
  readonly onAct: () => void;
}

/**
 * Buttons for acts. What nobody may do as things stand is not there; what somebody else may is there, does nothing, and
 * it is said who may: once, where that is the same for several.
 */
export function OfferedActs({ acts }: { readonly acts: readonly OfferedAct[] }) {
  const id = useId();
  const shown = acts.filter(({ right }) => right && (right.allowed || right.because === "right"));
  if (shown.length === 0) return null;
  const reasons = [...new Set(shown.flatMap(({ right }) => whyNot(right)))];
  return (
    <div class="offered">
      <div class="acts">
        {shown.map(({ name, right, tone, isSmall, onAct }) => {
          const kind = [tone ?? "", isSmall ? "small" : ""].join(" ").trim();
          const [why] = whyNot(right);
          return why === undefined ? (
            <button key={name} type="button" class={kind} onClick={onAct}>
              {name}
            </button>
          ) : (
            <button
              key={name}
              type="button"
              class={kind}
              aria-disabled="true"
              aria-describedby={`${id}-${reasons.indexOf(why)}`}
            >
              {name}
            </button>
          );
        })}
      </div>
      {reasons.map((why, index) => (
        <p key={why} id={`${id}-${index}`} class="why-not">
          {reasons.length > 1 || shown.some(({ right }) => right?.allowed) ? `${namesFor(shown, why)}: ` : ""}
          {why}
        </p>
      ))}
    </div>
  );
}

function whyNot(right: Right | undefined): string[] {
  return right && !right.allowed ? [right.why] : [];
}

function namesFor(acts: readonly OfferedAct[], why: string): string {
  return acts
    .filter(({ right }) => whyNot(right).includes(why))
    .map(({ name }) => name.replace("…", ""))
    .join(", ");
}
