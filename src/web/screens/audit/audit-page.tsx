import type { AuditLine } from "../../../domain/shapes/audit.ts";
import { usePages } from "../../data/pages.ts";
import { useSettled } from "../../data/resource.ts";
import { Empty, Loaded, PageHead, useTitle } from "../../parts/page.tsx";
import { Pager } from "../../parts/pager.tsx";
import { useQuery, withQuery } from "../../route.ts";
import { AuditFilter } from "./audit-filter.tsx";
import { AuditTable } from "./audit-table.tsx";
import { askedOf } from "./asked-entries.ts";
import { LiveAt } from "./live-at.tsx";
import { NewEntries } from "./new-entries.tsx";
import { Verified } from "./verified.tsx";

/** Who changed what, when and why, and whether that is as it was written. */
export function AuditPage() {
  useTitle("Audit");
  const query = useQuery();
  const asked = askedOf(query);
  const path = withQuery("/v1/audit", { ...asked, limit: "50" });
  const pages = usePages<AuditLine>(path);
  const isSettled = useSettled([pages.resource]);
  const isFiltered = Object.keys(asked).length > 0;
  const newest = pages.resource.value?.items[0];
  return (
    <>
      <PageHead
        title="Audit"
        acts={
          <a class="button" href={withQuery("/v1/audit/lines", asked)} download="audit.jsonl">
            Download {isFiltered ? "these" : "it"}
          </a>
        }
      >
        <p class="lead">Who changed what, when and why. Nothing in it can be changed without being seen.</p>
      </PageHead>
      <Verified />
      <AuditFilter query={query} />
      {pages.number === 1 && (
        <NewEntries
          path={withQuery("/v1/audit", { ...asked, limit: "20" })}
          newest={newest}
          onShow={pages.resource.reload}
        />
      )}
      <Loaded from={pages.resource} lines={12}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty text={isFiltered ? "Nothing of the kind has happened." : "Nothing has happened yet."} />
          ) : (
            <AuditTable entries={items} />
          )
        }
      </Loaded>
      <Pager pages={pages} />
      {isSettled && <LiveAt query={query} />}
    </>
  );
}
