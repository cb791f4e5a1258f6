import { DEFAULT_LABEL } from "../../domain/scope.ts";
import { Cell } from "../../resolver/serving/cell.ts";
import type { Place } from "../route.ts";

/** Langfuse's word for the newest version; no label may be called so there. */
export const LATEST = "latest";

/** The label that a client asks for, and for whom: it keeps what it gets for each text that it asks by. */
export interface AskedLabel {
  readonly label: string;
  /** Undefined: for anybody. */
  readonly unit: string | Cell | undefined;
}

/** `production`, `production~~0a` with a cell (1 to 4 hex digits), `production~user-1` with a unit. */
export const ASKED_LABEL = /^([a-z0-9_.-]{1,36})(?:~~([0-9a-f]{1,4})|~([^~][\s\S]{0,511}))?$/;

/** Of a text that {@link ASKED_LABEL} has matched. */
export function readAskedLabel(text: string): AskedLabel {
  const [, label, digits, unit] = ASKED_LABEL.exec(text)!;
  return { label: label!, unit: digits === undefined ? unit : new Cell(digits) };
}

interface LangfuseQuestion {
  readonly params: { readonly name: string };
  readonly query: { readonly label?: AskedLabel | undefined; readonly version?: number | undefined };
}

/** A version belongs to no label and no tenant; of what a label serves, the tenant is the key's to say. */
export function placeOfLangfuse({ params, query: { label, version } }: LangfuseQuestion): Place {
  return {
    prompt: params.name,
    ...(version === undefined && label?.label !== LATEST && { label: label?.label ?? DEFAULT_LABEL }),
    use: "read",
  };
}
