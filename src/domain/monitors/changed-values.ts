import type { SentType } from "../prompt/caller-report.ts";

/** What one service has sent in some days. */
export interface SentBefore {
  readonly service: string;
  /** `call`: the renderings themselves, under no name. */
  readonly kind: "call" | "variable" | "placeholder";
  readonly name: string;
  readonly types: readonly SentType[];
  /** The longest text, in characters, or list, in items, rounded up to a power of two; 0 for other values. */
  readonly longest: number;
}

/** In which way services call a prompt otherwise than they did. */
export type ChangedValue =
  | { readonly change: "service"; readonly service: string }
  | { readonly change: "new" | "gone"; readonly service: string; readonly name: string }
  | {
      readonly change: "type";
      readonly service: string;
      readonly name: string;
      /** Those that were never sent before. */
      readonly types: readonly SentType[];
    }
  | {
      readonly change: "longer";
      readonly service: string;
      readonly name: string;
      readonly longest: number;
      readonly longestBefore: number;
    };

/** Lengths are powers of two: by one of them they differ with each day. */
const LONGER = 4;

/** What has changed in what services send; nothing where it is not known what they sent before. */
export function changedValues(before: readonly SentBefore[], now: readonly SentBefore[]): ChangedValue[] {
  if (before.length === 0) return [];
  const known = new Map(before.map((value) => [keyOf(value), value]));
  const sent = new Set(now.map(keyOf));
  const callers = (values: readonly SentBefore[]) =>
    new Set(values.filter(({ kind }) => kind === "call").map(({ service }) => service));
  const [calledBefore, calls] = [callers(before), callers(now)];
  const changes: ChangedValue[] = [...calls]
    .filter((service) => !calledBefore.has(service))
    .map((service) => ({ change: "service", service }));
  for (const value of now) {
    const { service, kind, name, types, longest } = value;
    if (kind === "call" || !calledBefore.has(service)) continue;
    const earlier = known.get(keyOf(value));
    if (!earlier) {
      changes.push({ change: "new", service, name });
      continue;
    }
    const unseen = types.filter((type) => !earlier.types.includes(type));
    if (unseen.length > 0) changes.push({ change: "type", service, name, types: unseen });
    if (earlier.longest > 0 && longest >= LONGER * earlier.longest)
      changes.push({ change: "longer", service, name, longest, longestBefore: earlier.longest });
  }
  for (const value of before) {
    const { service, kind, name } = value;
    if (kind !== "call" && calls.has(service) && !sent.has(keyOf(value)))
      changes.push({ change: "gone", service, name });
  }
  return changes;
}

function keyOf({ service, kind, name }: SentBefore): string {
  return JSON.stringify([service, kind, name]);
}
