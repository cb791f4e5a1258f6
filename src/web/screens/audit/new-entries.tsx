import type { AuditLine } from "../../../domain/shapes/audit.ts";
import { counted } from "../../../domain/text/counted.ts";
import type { Page } from "../../data/page.ts";
import { useResource } from "../../data/resource.ts";
import { whatChanged } from "../../data/stream.ts";

/** Says that there are newer entries than are shown; rows come when they are asked for, and not under a pointer. */
export function NewEntries({
  path,
  newest,
  onShow,
}: {
  readonly path: string;
  readonly newest: AuditLine | undefined;
  readonly onShow: () => void;
}) {
  const { value } = useResource<Page<AuditLine>>(path, whatChanged);
  const at = value && newest ? value.items.findIndex(({ hash }) => hash === newest.hash) : 0;
  const many = at === -1 ? (value?.items.length ?? 0) : at;
  return (
    <div class="new-entries" role="status">
      {many > 0 && (
        <button type="button" onClick={onShow}>
          Show{" "}
          {at === -1
            ? `more than ${counted(many, "new entry", "new entries")}`
            : counted(many, "new entry", "new entries")}
        </button>
      )}
    </div>
  );
}
