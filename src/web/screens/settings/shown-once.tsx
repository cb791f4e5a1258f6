import type { CreatedKey } from "../../../domain/shapes/keys.ts";
import { Command } from "../../parts/page.tsx";

/** A key, at the one moment when it can be read. */
export function ShownOnce({ made }: { readonly made: CreatedKey }) {
  return (
    <>
      <p>
        <strong>Copy it now: you will not see it again.</strong> It is {made.name}, for the role {made.role},
        of {made.owner}.
      </p>
      <Command text={made.key} />
    </>
  );
}
