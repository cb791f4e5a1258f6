import { invalidInput } from "../../domain/errors.ts";
import { RequestRefused } from "./problem.ts";

const ETAG = /^(?:W\/)?"(\d{1,15})(?:-[0-9a-f]{8})?"$/;

/** Which revision a change is made on, and what says so: a header that no longer holds is 412, a body 409. */
export interface ExpectedRevision {
  readonly revision: number;
  readonly from: "header" | "body";
}

/**
 * The revision that a change expects: `If-Match` with the revision or a whole ETag, `If-None-Match: *` where there is
 * none yet, or the body's `expectedRevision`. Without any it is `precondition_required`.
 */
export function expectedRevision(
  header: (name: string) => string | undefined,
  body: number | undefined,
): ExpectedRevision {
  const inHeader = revisionOf(header("if-match"), header("if-none-match"));
  if (inHeader !== undefined && body !== undefined && inHeader !== body)
    throw invalidInput(`If-Match names revision ${inHeader} and the body ${body}; give one`, {
      at: "body.expectedRevision",
    });
  if (inHeader !== undefined) return { revision: inHeader, from: "header" };
  if (body !== undefined) return { revision: body, from: "body" };
  throw new RequestRefused(
    "precondition_required",
    "say which revision you have seen, so that nobody's change is lost: If-Match with the revision of a label's ETag, or expectedRevision; If-None-Match: * or 0 where nothing is there yet",
  );
}

function revisionOf(match: string | undefined, noneMatch: string | undefined): number | undefined {
  if (match === undefined && noneMatch === undefined) return undefined;
  if (match === undefined && noneMatch?.trim() === "*") return 0;
  const [, digits] = ETAG.exec(match?.trim() ?? "") ?? [];
  if (digits !== undefined && noneMatch === undefined) return Number(digits);
  throw invalidInput(
    'If-Match takes a revision as in "7", or a label\'s whole ETag, and If-None-Match a * where nothing is there yet; give one of them',
    { at: "header.if-match" },
  );
}
