import { useEffect, useState } from "preact/hooks";
import { sayVerification } from "../../../domain/plain/say-verification.ts";
import type { RememberedVerification } from "../../../domain/shapes/verification.ts";
import { useResource } from "../../data/resource.ts";
import { ask, Refused } from "../../data/send.ts";
import { Icon } from "../../parts/icon.tsx";
import { Time } from "../../parts/time.tsx";

const AGAIN_MS = 1_000;

/** Whether every entry is as it was written: what was last found, while it is being computed again too. */
export function Verified() {
  const last = useResource<RememberedVerification>("/v1/audit/verification/last");
  const [refused, setRefused] = useState<string>();
  const isRunning = last.value?.isRunning ?? false;
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(last.reload, AGAIN_MS);
    return () => clearInterval(timer);
  }, [isRunning, last.reload]);
  async function begin(): Promise<void> {
    setRefused(undefined);
    try {
      await ask("/v1/audit/verification", { method: "POST" });
    } catch (error) {
      setRefused(error instanceof Refused ? error.message : String(error));
    }
    last.reload();
  }
  if (!last.value) return <div class="verified card">{last.failed && <p>{last.failed.message}</p>}</div>;
  const { found, checkedAt, failed } = last.value;
  const problem = refused ?? (isRunning ? null : failed);
  const said = found && sayVerification(found);
  return (
    <div class={`verified card ${said?.tone ?? ""}`}>
      <Icon name={said ? (said.tone === "good" ? "done" : "harm") : "running"} />
      <p role="status">
        {said ? (
          <>
            <strong>{said.word}</strong> {said.text}
          </>
        ) : problem === null ? (
          "Every entry is computed again for the first time."
        ) : null}
        {problem !== null && <span class="block">It could not be checked: {problem}</span>}
        {checkedAt !== null && (
          <span class="note block">
            checked <Time at={checkedAt} />
          </span>
        )}
      </p>
      <button
        type="button"
        class="small"
        aria-disabled={isRunning}
        onClick={() => void (isRunning ? null : begin())}
      >
        {isRunning ? "Checking…" : "Check again"}
      </button>
    </div>
  );
}
