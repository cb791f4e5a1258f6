import type { ListedLabel } from "../../domain/shapes/labels.ts";
import type { Page } from "../data/page.ts";
import { useResource } from "../data/resource.ts";
import { changeQuery } from "../route.ts";

/** Which label's lists are shown; with one label alone there is nothing to choose. */
export function LabelFilter({ label }: { readonly label: string }) {
  const names = useResource<Page<ListedLabel>>("/v1/labels").value?.items.map((one) => one.label) ?? [];
  const all = label === "" || names.includes(label) ? names : [label, ...names];
  if (all.length < 2) return null;
  return (
    <select
      class="label-filter"
      aria-label="Label"
      value={label}
      onChange={(event) => changeQuery({ label: event.currentTarget.value })}
    >
      <option value="">All labels</option>
      {all.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}
