import type { Arm } from "../../domain/rollout/assignment.ts";
import type { Resolution } from "../../resolver/index.ts";

/** What a prompt's name says of a resolution: Langfuse's clients write it on each generation that used the prompt. */
export interface Carrier {
  /** The first 8 hex digits of the rollout's id. */
  readonly rollout: string;
  readonly arm: Arm;
  readonly epoch: number;
}

const LETTERS = { candidate: "c", control: "k", unenrolled: "n" } as const satisfies Record<Arm, string>;
const ARMS: Readonly<Record<string, Arm>> = { c: "candidate", k: "control", n: "unenrolled" };
/** No character of a prompt's name. */
const MARK = "~";
const CARRIER = /^([0-9a-f]{8})\.([ckn])\.([0-9]{1,9})$/;

/** `support-reply~0d9c7f6a.c.3` while a rollout is on, the bare name otherwise. */
export function carryingName(name: string, { rolloutId, arm, epoch }: Resolution): string {
  if (rolloutId === null || epoch === null) return name;
  return `${name}${MARK}${rolloutId.slice(0, 8)}.${LETTERS[arm]}.${epoch}`;
}

/** The name of the prompt itself: what a client got as its name is taken wherever a name is. */
export function bareName(name: string): string {
  return name.split(MARK, 1)[0]!;
}

/** What a name carries; undefined where it carries nothing, or something that no server of ours wrote. */
export function readCarrier(name: string): Carrier | undefined {
  const mark = name.indexOf(MARK);
  const [, rollout, letter, epoch] = (mark !== -1 && CARRIER.exec(name.slice(mark + 1))) || [];
  if (rollout === undefined || letter === undefined) return undefined;
  return { rollout, arm: ARMS[letter]!, epoch: Number(epoch) };
}
