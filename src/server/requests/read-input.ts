import * as v from "valibot";
import { invalidInput, type SluiceError } from "../../domain/errors.ts";
import { listAsMapping } from "../../domain/list-as-mapping.ts";
import { shown } from "../../domain/text/visible.ts";
import type { PlainRoute } from "../route.ts";
import { ProtobufBody } from "../telemetry/protobuf-body.ts";
import { YamlBody } from "./yaml-body.ts";

type Part = "path" | "query" | "body";

/**
 * What a request gives a route, checked. The first thing that is wrong is `invalid_input`, with its place. A body without
 * any list need not be looked through for one that stands where a mapping should.
 */
export function readInput(
  route: PlainRoute,
  given: { readonly params: unknown; readonly query: unknown; readonly body: unknown },
  bodyMayHaveLists = true,
) {
  const params = "params" in route && route.params ? read("path", route.params, given.params) : undefined;
  const query = route.query ? read("query", route.query, given.query) : noQuery(given.query);
  const schema = "body" in route ? route.body : undefined;
  const body =
    schema === undefined || given.body instanceof YamlBody || given.body instanceof ProtobufBody
      ? undefined
      : typeof schema === "string"
        ? text(given.body)
        : read("body", schema, given.body, bodyMayHaveLists);
  return { params, query, body };
}

function read(
  part: Part,
  schema: v.GenericSchema<unknown, unknown>,
  given: unknown,
  mayHaveLists = true,
): unknown {
  if (part === "body" && given === undefined)
    throw invalidInput("the body is missing; send JSON", { at: "body" });
  const parsed = v.safeParse(schema, given, { abortEarly: true });
  if (!parsed.success) throw problem(part, parsed.issues[0]);
  const list = mayHaveLists ? listAsMapping(given, parsed.output) : undefined;
  if (!list) return parsed.output;
  const at = place(part, list);
  throw invalidInput(`${at}: must be Object`, { at });
}

function place(part: Part, path: readonly unknown[]): string {
  const keys = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`));
  return shown(`${part}${keys.join("")}`).slice(1, -1);
}

/** Nothing of what was given is repeated, but for the name of a key that nobody knows: it may be somebody's secret. */
function problem(part: Part, issue: v.BaseIssue<unknown>): SluiceError {
  const path = issue.path ?? [];
  const at = place(
    part,
    path.map(({ key }) => key),
  );
  return invalidInput(`${at}: ${complaint(issue)}`, { at });
}

function complaint(issue: v.BaseIssue<unknown>): string {
  if (issue.kind === "schema") {
    if (issue.received === "undefined") return "is missing";
    if (issue.expected === "never") return "is not known here; leave it out";
    return `must be ${issue.expected ?? issue.type}`;
  }
  // Our own words; the library's would repeat what was given.
  if (issue.type === "check" || issue.type === "regex" || issue.message.startsWith("must "))
    return issue.message;
  const bound = BOUNDS[issue.type];
  return bound ? `must be ${bound} ${String(issue.requirement)}` : `must be ${issue.expected ?? issue.type}`;
}

const BOUNDS: Readonly<Record<string, string>> = {
  min_value: "at least",
  max_value: "at most",
  min_length: "of a length of at least",
  max_length: "of a length of at most",
};

function text(given: unknown): string {
  if (typeof given === "string" && given !== "") return given;
  throw invalidInput("the body is missing; send JSON", { at: "body" });
}

function noQuery(given: unknown): undefined {
  const [name] = Object.keys(given ?? {});
  if (name !== undefined)
    throw invalidInput(`query.${shown(name).slice(1, -1)}: is not known here; leave it out`);
}
