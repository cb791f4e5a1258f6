import type { AssertionKind } from "./assertion-kind.ts";
import { callKinds } from "./calls.ts";
import { contextKinds } from "./context.ts";
import { criteriaKinds } from "./criteria.ts";
import { formKinds } from "./form.ts";
import { javascriptKinds } from "./javascript.ts";
import { jsonKinds } from "./json.ts";
import { limitKinds } from "./limits.ts";
import { regexKinds } from "./regex.ts";
import { relevanceKinds } from "./relevance.ts";
import { rubricKinds } from "./rubric.ts";
import { similarityKinds } from "./similarity.ts";
import { sqlKinds } from "./sql.ts";
import { textKinds } from "./text.ts";

/** Every assertion type that runs, `assert-set` aside, which is made of them. */
export const ASSERTION_KINDS: ReadonlyMap<string, AssertionKind> = new Map(
  Object.entries({
    ...textKinds,
    ...regexKinds,
    ...jsonKinds,
    ...formKinds,
    ...sqlKinds,
    ...callKinds,
    ...javascriptKinds,
    ...similarityKinds,
    ...limitKinds,
    ...rubricKinds,
    ...criteriaKinds,
    ...contextKinds,
    ...relevanceKinds,
  }),
);

export const ASSERT_SET = "assert-set";
