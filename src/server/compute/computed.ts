import type { ErrorCode } from "../../domain/errors.ts";
import type { ContentPlace } from "../../outbound/contents/content-place.ts";

/** What a thread is told of where things are. */
export interface ComputedStore {
  readonly databaseUrl: string;
  readonly contents?: ContentPlace | undefined;
}

/** What a thread has come to. */
export type Computed<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly code: ErrorCode;
      readonly message: string;
      readonly details: Readonly<Record<string, unknown>>;
    };
