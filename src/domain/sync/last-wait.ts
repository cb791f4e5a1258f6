import type { LabelSettings } from "../shapes/labels.ts";
import type { PastPointer } from "../shapes/pointers.ts";

/** A scope of a label; an absent part is null. */
export interface Place {
  readonly label: string;
  readonly model: string | null;
  readonly tenant: string | null;
}

/** What a label itself asks, whatever repository a prompt is of. */
export type LabelOrder = { readonly label: string } & Pick<LabelSettings, "from" | "liveForMs">;

/** What a version has to have done before it may go somewhere. */
export interface Wait {
  /** The environment, or the label, in which it has to be live. */
  readonly from: string;
  readonly liveForMs: number;
  /** Since when it is; undefined: it is not. */
  readonly since: string | undefined;
}

/**
 * The one of them that is over last; undefined where there is none.
 *
 * @param elapsed how long ago a time was, in ms
 */
export function lastWait(waits: readonly Wait[], elapsed: (since: string) => number): Wait | undefined {
  const left = ({ since, liveForMs }: Wait) => (since === undefined ? Infinity : liveForMs - elapsed(since));
  return waits.reduce<Wait | undefined>(
    (last, one) => (last && left(last) >= left(one) ? last : one),
    undefined,
  );
}

/**
 * What the label of a place asks of a version, as the database holds moves to it: to be live where the users of the place
 * are served at the other label, which is the most specific scope that covers them.
 *
 * @param since of the prompt: what each scope serves now, and since when
 * @param name `support-reply@7`; null for content that no version has
 */
export function labelWait(
  { label, model, tenant }: Place,
  orders: readonly LabelOrder[],
  since: readonly PastPointer[],
  name: string | null,
): Wait[] {
  const order = orders.find((one) => one.label === label);
  if (!order?.from) return [];
  const covers = (own: string | null, asked: string | null) => own === null || own === asked;
  const weight = (one: Place) => (one.model === null ? 0 : 2) + (one.tenant === null ? 0 : 1);
  const [served] = since
    .filter((one) => one.label === order.from && one.active !== null)
    .filter((one) => covers(one.model, model) && covers(one.tenant, tenant))
    .toSorted((a, b) => weight(b) - weight(a));
  const isLive = name !== null && served?.active === name;
  return [
    { from: order.from, liveForMs: order.liveForMs, since: isLive ? (served.since ?? undefined) : undefined },
  ];
}
