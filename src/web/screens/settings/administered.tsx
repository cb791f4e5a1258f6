import type { ComponentChildren } from "preact";
import type { Resource } from "../../data/resource.ts";
import { Loaded } from "../../parts/page.tsx";

/** What only an admin sees: to anybody else it is said who that is, in place of an error that looks like one. */
export function Administered<T>({
  from,
  children,
}: {
  readonly from: Resource<T>;
  readonly children: (value: T) => ComponentChildren;
}) {
  const { failed, value } = from;
  if (value === undefined && failed?.status === 403)
    return (
      <div class="empty">
        <p>{failed.message.slice(0, 1).toUpperCase() + failed.message.slice(1)}.</p>
        <p>Ask somebody whose role is admin.</p>
      </div>
    );
  return (
    <Loaded from={from} lines={6}>
      {children}
    </Loaded>
  );
}
