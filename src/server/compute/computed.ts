import type { ErrorCode } from "../../domain/errors.ts";

/** What a thread has come to. */
export type Computed<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly code: ErrorCode;
      readonly message: string;
      readonly details: Readonly<Record<string, unknown>>;
    };
