import { useState } from "preact/hooks";
import type { Kept } from "./kept.ts";
import type { Page } from "./page.ts";
import { type Resource, useResource } from "./resource.ts";

export interface Pages<Item> {
  readonly resource: Resource<Page<Item>>;
  /** Undefined on the first page. */
  readonly back: (() => void) | undefined;
  /** Undefined on the last one. */
  readonly forward: (() => void) | undefined;
  /** From 1. */
  readonly number: number;
}

/** A list, page by page: what is shown never grows. `path` is that of the first page; another one begins anew. */
export function usePages<Item>(path: string, changes?: Kept<unknown>): Pages<Item> {
  const [at, setAt] = useState<{ path: string; cursors: readonly string[] }>({ path, cursors: [] });
  const cursors = at.path === path ? at.cursors : [];
  const cursor = cursors.at(-1);
  const separator = path.includes("?") ? "&" : "?";
  const resource = useResource<Page<Item>>(
    cursor === undefined ? path : `${path}${separator}cursor=${encodeURIComponent(cursor)}`,
    changes,
  );
  const next = resource.value?.next ?? null;
  return {
    resource,
    back: cursors.length > 0 ? () => setAt({ path, cursors: cursors.slice(0, -1) }) : undefined,
    forward: next === null ? undefined : () => setAt({ path, cursors: [...cursors, next] }),
    number: cursors.length + 1,
  };
}
