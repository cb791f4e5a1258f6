import type { CreatedKey, ListedKey, RevokedKey } from "../../../domain/shapes/keys.ts";
import { ActDialog } from "../../acts/act-dialog.tsx";
import { ask } from "../../data/send.ts";
import { ShownOnce } from "./shown-once.tsx";

export interface KeyAct {
  readonly of: ListedKey;
  readonly act: "rotate" | "revoke";
}

/** Asks before a key is replaced or ended. */
export function KeyActDialog({ of: key, act, onClose }: KeyAct & { readonly onClose: () => void }) {
  if (act === "rotate")
    return (
      <ActDialog
        title={`Replace ${key.name}?`}
        act="Make the new key"
        reason="none"
        keep="Not now"
        consequence={
          <p>
            The new key can do the same. The old one stays good for a day, so that nothing stops meanwhile.
          </p>
        }
        command={() => `sluice keys rotate ${key.id}`}
        onAct={async () => {
          const made = await ask<CreatedKey>(`/v1/keys/${key.id}/rotation`, { method: "POST", body: {} });
          return <ShownOnce made={made} />;
        }}
        onClose={onClose}
      />
    );
  return (
    <ActDialog
      title={`Revoke ${key.name}?`}
      act="Revoke"
      tone="danger"
      reason="none"
      consequence={
        <p>
          Whoever uses it, {key.owner} or a service, is refused from the next request on. It cannot be taken
          back.
        </p>
      }
      command={() => `sluice keys revoke ${key.id}`}
      onAct={async () => {
        const { changed } = await ask<RevokedKey>(`/v1/keys/${key.id}`, { method: "DELETE" });
        return <p>{changed ? "Revoked: everywhere within seconds." : "It had been revoked before."}</p>;
      }}
      onClose={onClose}
    />
  );
}
