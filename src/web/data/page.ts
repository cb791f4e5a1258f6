/** A page of a list; `next` is the cursor of the one after it. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}
