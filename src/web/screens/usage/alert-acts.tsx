import { useState } from "preact/hooks";
import type { AlertAct, ListedAlert, ListedMonitor, ShownAlert } from "../../../domain/shapes/monitors.ts";
import { titleOf } from "../../../domain/plain/say-monitor.ts";
import { ask } from "../../data/send.ts";
import { clock } from "../../parts/time.tsx";
import { ActDialog } from "../../acts/act-dialog.tsx";
import { OfferedActs } from "../../acts/offered.tsx";

const MUTED_MS = 2 * 3_600_000;

/** What can be done about an alert where it is seen; nothing while that is not known. */
export function AlertActs({
  alert,
  onDone,
}: {
  readonly alert: ShownAlert | undefined;
  readonly onDone: () => void;
}) {
  const [asked, setAsked] = useState<AlertAct>();
  if (alert === undefined) return null;
  const { acknowledge, mute } = alert.can;
  return (
    <>
      <OfferedActs
        acts={[
          {
            name: "Take it on…",
            right: acknowledge,
            isSmall: true,
            onAct: () => setAsked("acknowledge"),
          },
          { name: "Mute for 2 h…", right: mute, isSmall: true, onAct: () => setAsked("mute") },
        ]}
      />
      {asked && (
        <AlertActDialog
          alert={alert}
          act={asked}
          onClose={() => {
            setAsked(undefined);
            onDone();
          }}
        />
      )}
    </>
  );
}

function AlertActDialog({
  alert: { id, monitor, monitorId, version },
  act,
  onClose,
}: {
  readonly alert: ListedAlert;
  readonly act: AlertAct;
  readonly onClose: () => void;
}) {
  if (act === "acknowledge")
    return (
      <ActDialog
        title="Take this alert on?"
        act="Take it on"
        reason="none"
        keep="Leave it"
        consequence={
          <p>
            Others see that you look after {version}, and nobody is told of it again. It stays open until it
            is over.
          </p>
        }
        command={() => `sluice alerts ack ${id.slice(0, 8)}`}
        onAct={async () => {
          const { acknowledgedBy, resolution } = await ask<ListedAlert>(`/v1/alerts/${id}/acknowledgement`, {
            method: "POST",
            body: {},
          });
          return (
            <p>{acknowledgedBy === null ? `It is over: ${resolution ?? ""}` : `${acknowledgedBy} has it.`}</p>
          );
        }}
        onClose={onClose}
      />
    );
  return (
    <ActDialog
      title="Mute its monitor for 2 h?"
      act="Mute"
      reason="none"
      keep="Leave it"
      consequence={
        <p>
          It raises no other alert of {version} meanwhile ({titleOf(monitor).toLowerCase()}). It goes on
          counting, and rings afterwards for what is still so. This alert stays open until it is over.
        </p>
      }
      command={() => `sluice monitors mute ${monitorId.slice(0, 8)} --for 2h`}
      onAct={async () => {
        const { mutedUntil } = await ask<ListedMonitor>(`/v1/monitors/${monitorId}/mute`, {
          method: "POST",
          body: { forMs: MUTED_MS },
        });
        return <p>{mutedUntil === null ? "It rings." : `Muted until ${clock(new Date(mutedUntil))}.`}</p>;
      }}
      onClose={onClose}
    />
  );
}
