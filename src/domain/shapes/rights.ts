/**
 * Whether whoever asks may do something. `state`: nobody may, as things stand; `right`: somebody else may, and `why`
 * says who.
 */
export type Right =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly because: "state" | "right"; readonly why: string };
export type Rights<Act extends string> = Readonly<Record<Act, Right>>;
