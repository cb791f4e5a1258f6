import type { ListedSession } from "../../../domain/shapes/sessions.ts";
import { clock, columns } from "../../../terminal/text-layout.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";
import { grantsText } from "../keys/given-grants.ts";

const HEADS = ["id", "who", "by", "role", "only for", "since", "last used", "until"];

export async function run(context: CommandContext): Promise<void> {
  const { output } = context;
  const sessions = await withSluice(context, (sluice) => sluice.sessions());
  output.result(sessions, () =>
    sessions.length === 0
      ? ["nobody is signed in"]
      : columns(
          HEADS.map((head) => ({ head })),
          sessions.map((session) => [
            session.id,
            whoText(session),
            byText(session),
            session.role,
            grantsText(session.grants),
            clock(session.openedAt),
            clock(session.lastUsedAt),
            clock(session.expiresAt),
          ]),
          output.width,
        ),
  );
}

function whoText({ name, origin: { email } }: ListedSession): string {
  return email === undefined ? name : `${name} (${email})`;
}

/** How they have proven who they are. */
function byText({ kind, keyId, origin: { rule, run } }: ListedSession): string {
  if (kind === "key") return `key ${keyId}`;
  if (kind === "workload") return [`CI job, trust rule ${rule}`, ...(run ? [`run ${run}`] : [])].join(", ");
  return kind === "proxy" ? "the proxy" : "their issuer";
}
