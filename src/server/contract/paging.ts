import * as v from "valibot";

export const MOST_ITEMS = 200;
export const USUAL_ITEMS = 50;

/** How many items a page has at most. */
export const limit = v.pipe(
  v.string(),
  v.regex(/^[1-9][0-9]{0,3}$/, `must be a whole number from 1 to ${MOST_ITEMS}`),
  v.transform(Number),
  v.maxValue(MOST_ITEMS, `must be a whole number from 1 to ${MOST_ITEMS}`),
);

export const flag = v.pipe(
  v.picklist(["true", "false"], "must be true or false"),
  v.transform((text) => text === "true"),
);

/** The cursor behind an entry of the audit log: `7:support-reply`. */
export const entryCursor = v.pipe(
  v.string(),
  v.regex(/^\d{1,15}:[a-z0-9._/-]{0,128}$/, "must be a page's next"),
);

/** The entry that a cursor of theirs names. */
export function cursorEntry(cursor: string | undefined): { prompt: string; seq: number } | undefined {
  const [, seq, prompt] = /^(\d+):(.*)$/.exec(cursor ?? "") ?? [];
  return seq === undefined ? undefined : { prompt: prompt!, seq: Number(seq) };
}

export const cursorOfEntry = ({ seq, prompt }: { readonly seq: number; readonly prompt: string }) =>
  `${seq}:${prompt}`;

/** A page of a list: `next` is the cursor of the page after it, null on the last one. */
export const pageOf = <S extends v.GenericSchema>(item: S) =>
  v.object({ items: v.array(item), next: v.nullable(v.string()) });

/** The cursor behind a page, where it is full and so may not be the last. */
export function nextOf<T>(
  page: readonly T[],
  most: number,
  cursor: (last: T) => string | number,
): string | null {
  const last = page.length === most ? page.at(-1) : undefined;
  return last === undefined ? null : String(cursor(last));
}
