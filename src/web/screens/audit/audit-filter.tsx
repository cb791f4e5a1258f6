import { AUDIT_DEEDS } from "../../../domain/plain/say-audit.ts";
import { TypedField } from "../../parts/typed-field.tsx";
import { changeQuery } from "../../route.ts";

/** What is looked for; each choice is in the address. */
export function AuditFilter({ query }: { readonly query: URLSearchParams }) {
  const value = (name: string) => query.get(name) ?? "";
  const rollout = value("rollout");
  return (
    <form
      class="filters card"
      role="search"
      aria-label="Entries"
      onSubmit={(event) => event.preventDefault()}
    >
      <TypedField label="Prompt" value={value("prompt")} onTyped={(prompt) => changeQuery({ prompt })} />
      <TypedField label="Who" value={value("actor")} onTyped={(actor) => changeQuery({ actor })} />
      <label>
        <span>What</span>
        <select
          value={value("action")}
          onChange={(event) => changeQuery({ action: event.currentTarget.value })}
        >
          <option value="">anything</option>
          {AUDIT_DEEDS.map(({ action, deed }) => (
            <option key={action} value={action}>
              {deed}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>From</span>
        <input
          type="date"
          value={value("from")}
          onChange={(event) => changeQuery({ from: event.currentTarget.value })}
        />
      </label>
      <label>
        <span>To</span>
        <input
          type="date"
          value={value("to")}
          onChange={(event) => changeQuery({ to: event.currentTarget.value })}
        />
      </label>
      {rollout !== "" && (
        <p class="filter-note">
          Of one rollout alone.{" "}
          <button type="button" class="small" onClick={() => changeQuery({ rollout: "" })}>
            Of all
          </button>
        </p>
      )}
    </form>
  );
}
