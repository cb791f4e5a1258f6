import * as v from "valibot";
import { invalidInput } from "../../domain/errors.ts";
import { listAsMapping } from "../../domain/list-as-mapping.ts";
import { outcomeRow } from "../../resolver/recording/outcome.ts";
import { readToken, type TokenContent } from "../../resolver/serving/token.ts";
import { token } from "../contract/prompts.ts";

const item = v.strictObject({
  token,
  /** The unit has seen the prompt, rendered elsewhere. */
  exposed: v.optional(v.boolean()),
  metrics: v.optional(v.record(v.string(), v.unknown())),
  feedback: v.optional(v.string()),
  sample: v.optional(v.unknown()),
  /** What the vendor's answer says has answered. */
  answeredBy: v.optional(v.string()),
  id: v.optional(v.string()),
});
const MOST_ITEMS = 10_000;
export const outcomeItems = v.strictObject({ items: v.pipe(v.array(item), v.maxLength(MOST_ITEMS)) });

export interface RefusedItem {
  readonly at: number;
  readonly why: string;
}

/** The batch that items with tokens stand for, as JSON, and what of them cannot be stored. */
export function batchOf({ items }: v.InferOutput<typeof outcomeItems>): {
  batch: string;
  refused: RefusedItem[];
} {
  const exposures: string[] = [];
  const outcomes: string[] = [];
  const refused: RefusedItem[] = [];
  for (const [at, { token: text, exposed, ...outcome }] of items.entries()) {
    const content = readToken(text);
    if (!content?.versionId) {
      refused.push({ at, why: "the token is not one that this server gave" });
      continue;
    }
    if (exposed === true || content.rendered) exposures.push(...exposureOf(content));
    const { versionId, rolloutId, unit, label, model, tenant } = content;
    const row = outcomeRow(
      { versionId, rolloutId, unit, label, model, tenant },
      outcome as never,
      ({ message }) => refused.push({ at, why: message }),
    );
    if (row !== undefined && hasContent(outcome)) outcomes.push(row);
  }
  return { batch: `{"exposures":[${exposures.join()}],"outcomes":[${outcomes.join()}]}`, refused };
}

/** An item without anything but a token only says that its unit has seen the prompt. */
function hasContent({
  metrics,
  feedback,
  sample,
}: {
  metrics?: unknown;
  feedback?: unknown;
  sample?: unknown;
}) {
  return metrics !== undefined || feedback !== undefined || sample !== undefined;
}

function exposureOf({ rolloutId, unit, arm, epoch, tenant, model }: TokenContent): string[] {
  if (arm === "unenrolled" || rolloutId === null || unit === null) return [];
  const segments = { ...(tenant !== "" && { tenant }), ...(model !== "" && { model }) };
  const named = Object.keys(segments).length > 0 ? { segments } : {};
  return [JSON.stringify({ rollout: rolloutId, unit, arm, epoch, ...named })];
}

export function readItems(parsed: unknown): v.InferOutput<typeof outcomeItems> {
  const read = v.safeParse(outcomeItems, parsed, { abortEarly: true });
  const list = read.success ? listAsMapping(parsed, read.output) : undefined;
  if (read.success && !list) return read.output;
  const path = (list ?? (read.issues?.[0].path ?? []).map(({ key }) => key)).map(String).join(".");
  throw invalidInput(
    `body.${path.slice(0, 80)}: items are of the form { token, metrics, feedback, sample, answeredBy, id, exposed }, ${MOST_ITEMS} at most`,
    { at: "body" },
  );
}
