import { useState } from "preact/hooks";
import { type Role, ROLES } from "../../../domain/access/roles.ts";
import { ROLE_SAYS } from "../../../domain/plain/say-roles.ts";
import type { CreatedKey } from "../../../domain/shapes/keys.ts";
import { ActDialog, quoted } from "../../acts/act-dialog.tsx";
import { ask } from "../../data/send.ts";
import { ShownOnce } from "./shown-once.tsx";

const DAY_MS = 86_400_000;
const SPANS: readonly (readonly [days: string, name: string])[] = [
  ["30", "30 days"],
  ["90", "90 days"],
  ["365", "a year"],
  ["", "for ever"],
];

/** What a new key is to be able to do, and then the key, once. */
export function NewKeyDialog({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState("");
  const [owner, setOwner] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [labels, setLabels] = useState("");
  const [prompts, setPrompts] = useState("");
  const [days, setDays] = useState("90");
  const lists = { labels: listOf(labels), prompts: listOf(prompts) };
  const grants = {
    ...(lists.labels.length > 0 && { labels: lists.labels }),
    ...(lists.prompts.length > 0 && { prompts: lists.prompts }),
  };
  return (
    <ActDialog
      title="What is the new key for?"
      act="Make the key"
      reason="none"
      keep="Not now"
      consequence={
        <div class="fields">
          <label>
            <span>Name</span>
            <input value={name} placeholder="ci" onInput={(event) => setName(event.currentTarget.value)} />
          </label>
          <label>
            <span>
              Whose it is <span class="note">(you, when it is left out)</span>
            </span>
            <input value={owner} onInput={(event) => setOwner(event.currentTarget.value)} />
          </label>
          <label>
            <span>Role</span>
            <select value={role} onChange={(event) => setRole(event.currentTarget.value as Role)}>
              {ROLES.map((one) => (
                <option key={one} value={one}>
                  {one}
                </option>
              ))}
            </select>
            <span class="note">{ROLE_SAYS[role]}</span>
          </label>
          <label>
            <span>
              Labels <span class="note">(all, when it is left out)</span>
            </span>
            <input
              value={labels}
              placeholder="staging, production"
              onInput={(event) => setLabels(event.currentTarget.value)}
            />
          </label>
          <label>
            <span>
              Prompts <span class="note">(all; names, or beginnings as in support/)</span>
            </span>
            <input
              value={prompts}
              placeholder="support/"
              onInput={(event) => setPrompts(event.currentTarget.value)}
            />
          </label>
          <label>
            <span>Good for</span>
            <select value={days} onChange={(event) => setDays(event.currentTarget.value)}>
              {SPANS.map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
          </label>
        </div>
      }
      command={() =>
        [
          `sluice keys create --name ${quoted(name || "NAME")} --role ${role}`,
          ...(owner ? [`--owner ${quoted(owner)}`] : []),
          ...lists.labels.map((label) => `--only-label ${quoted(label)}`),
          ...lists.prompts.map((prompt) => `--only-prompt ${quoted(prompt)}`),
          days === "" ? "--expires never" : `--expires ${days}d`,
        ].join(" ")
      }
      onAct={async () => {
        const made = await ask<CreatedKey>("/v1/keys", {
          method: "POST",
          body: {
            name: name.trim(),
            role,
            grants,
            ...(owner.trim() !== "" && { owner: owner.trim() }),
            expiresInMs: days === "" ? null : Number(days) * DAY_MS,
          },
        });
        return <ShownOnce made={made} />;
      }}
      onClose={onClose}
    />
  );
}

function listOf(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}
