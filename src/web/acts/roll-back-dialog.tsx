import type { RolledBack } from "../../domain/shapes/pointers.ts";
import type { FleetConfirmation } from "../../domain/fleet.ts";
import { ask } from "../data/send.ts";
import { scopeName } from "../parts/scope-name.ts";
import { ActDialog, quoted } from "./act-dialog.tsx";
import { FleetLine } from "./fleet-line.tsx";

interface Scope {
  readonly prompt: string;
  readonly label: string;
  readonly model: string | null;
  readonly tenant: string | null;
}

const FLEET_WAIT_MS = 8_000;

/** Takes a version back where it is served; needs Postgres alone. */
export function RollBackDialog({
  scope,
  what,
  gets,
  onClose,
}: {
  readonly scope: Scope;
  /** The version that is taken back. */
  readonly what: string;
  /** What everybody gets then; null: what the scope inherits, or nothing. */
  readonly gets: string | null;
  readonly onClose: () => void;
}) {
  const { prompt, label, model, tenant } = scope;
  return (
    <ActDialog
      title={`Roll ${what} back?`}
      act="Roll back"
      tone="danger"
      reason="required"
      consequence={
        <p>
          In {scopeName(scope)}, everybody gets {gets ?? "what was served before"} within seconds.
        </p>
      }
      command={(reason) =>
        [
          `sluice rollback ${prompt} --label ${label}`,
          ...(tenant === null ? [] : [`--tenant ${quoted(tenant)}`]),
          ...(model === null ? [] : [`--model ${quoted(model)}`]),
          `--reason ${quoted(reason || "why")}`,
        ].join(" ")
      }
      onAct={async (reason, idempotencyKey) => {
        const { serves, changed, fleet } = await ask<RolledBack & { fleet: FleetConfirmation | null }>(
          "/v1/rollbacks",
          {
            method: "POST",
            idempotencyKey,
            body: {
              prompt,
              label,
              ...(model !== null && { model }),
              ...(tenant !== null && { tenant }),
              reason,
              waitForFleetMs: FLEET_WAIT_MS,
            },
          },
        );
        return (
          <>
            <p>
              <strong>{changed ? "Rolled back." : "There was nothing to take back."}</strong>{" "}
              {serves === null ? "Nothing of its own is served now." : `Everybody gets ${serves} again.`}
            </p>
            {fleet && <FleetLine fleet={fleet} />}
          </>
        );
      }}
      onClose={onClose}
    />
  );
}
