import type { AssertionKind } from "./assertion-kind.ts";
import { jsonKinds } from "./json.ts";
import { regexKinds } from "./regex.ts";
import { rubricKinds } from "./rubric.ts";
import { textKinds } from "./text.ts";

/** Every assertion type that runs, `assert-set` aside, which is made of them. */
export const ASSERTION_KINDS: ReadonlyMap<string, AssertionKind> = new Map(
  Object.entries({ ...textKinds, ...regexKinds, ...jsonKinds, ...rubricKinds }),
);

export const ASSERT_SET = "assert-set";
