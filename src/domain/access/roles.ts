/** What a key may do at all; its grants say where. Apart from those, so that help on keys loads no schema. */
export const ROLES = ["viewer", "resolver", "editor", "releaser", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** What a CI job can be: keys and trust rules are administered by people. */
export const WORKLOAD_ROLES = ["viewer", "resolver", "editor", "releaser"] as const satisfies readonly Role[];
export type WorkloadRole = (typeof WORKLOAD_ROLES)[number];
