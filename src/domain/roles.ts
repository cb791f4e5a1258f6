/** What a key may do at all; its grants say where. Apart from those, so that help on keys loads no schema. */
export const ROLES = ["viewer", "resolver", "editor", "releaser", "admin"] as const;
export type Role = (typeof ROLES)[number];
