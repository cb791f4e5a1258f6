/** What stands in a column, as the address says it: a version or a draft, and what takes the place of its own. */
export interface Column {
  readonly of: { readonly version: number } | { readonly draft: string };
  /** `provider/model`; empty: its own. */
  readonly model: string;
  /** As it was typed; empty: its own. */
  readonly temperature: string;
}

export const MOST_COLUMNS = 4;
const DRAFT = /^draft\.([0-9a-f-]{36})$/;

/** `7,draft.UUID~openai/gpt-5.4-mini~0.2`. What is no column is left out. */
export function readColumns(text: string | null): Column[] {
  return (text ?? "")
    .split(",")
    .flatMap((one): Column[] => {
      const [what = "", model = "", temperature = ""] = one.split("~");
      const draft = DRAFT.exec(what)?.[1];
      const of = draft === undefined ? { version: Number(what) } : { draft };
      if (!("draft" in of) && !(Number.isSafeInteger(of.version) && of.version > 0)) return [];
      return [{ of, model, temperature }];
    })
    .slice(0, MOST_COLUMNS);
}

export function writeColumns(columns: readonly Column[]): string {
  return columns
    .map(({ of, model, temperature }) => {
      const parts = [keyOf(of), model.replaceAll(/[,~]/g, ""), temperature];
      return parts.join("~").replace(/~+$/, "");
    })
    .join(",");
}

/** As a choice of a list has it. */
export function keyOf(of: Column["of"]): string {
  return "draft" in of ? `draft.${of.draft}` : String(of.version);
}
