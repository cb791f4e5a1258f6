import { invalidInput } from "../../domain/errors.ts";
import type { SourceDocument } from "../../domain/prompt/source-document.ts";
import { didYouMean } from "../../domain/text/suggestion.ts";
import { type Assertion, writtenType } from "../grading/assertions/assertion.ts";
import type { AssertionKind } from "../grading/assertions/assertion-kind.ts";
import { ASSERT_SET, ASSERTION_KINDS } from "../grading/assertions/registry.ts";
import type { AssertionSource, JudgesSource } from "./dataset-schema.ts";
import { readJudge } from "./read-judge.ts";
import { fileReference, type FileSource } from "./file-source.ts";
import { readExpected } from "./file-values.ts";
import { valueTemplateProblem } from "../grading/assertions/value-template.ts";
import { shown } from "../../domain/text/visible.ts";

/** Assertions under a name, used by `$ref: "#/assertionTemplates/name"`. */
export type AssertionTemplates = Readonly<Record<string, AssertionSource>>;

export interface AssertionContext {
  readonly templates: AssertionTemplates;
  readonly files: FileSource;
  /** Providers that a file names, beside those that are built in. */
  readonly configured: readonly string[];
  readonly options: { readonly provider?: JudgesSource | undefined; readonly rubricPrompt?: unknown };
}

type Path = readonly (string | number)[];

/** Assertions in their normalised form; one that cannot run is an `invalid_input` error at its line. */
export function readAssertions(
  sources: readonly AssertionSource[],
  document: SourceDocument,
  path: Path,
  context: AssertionContext,
): Assertion[] {
  return sources.map((source, index) => readAssertion(source, document, [...path, index], context));
}

function readAssertion(
  source: AssertionSource,
  document: SourceDocument,
  path: Path,
  context: AssertionContext,
): Assertion {
  if ("$ref" in source) return readTemplate(source.$ref, document, path, context);
  const where = document.locate(path);
  const weight = source.weight ?? 1;
  const common = {
    weight,
    ...(source.metric !== undefined && { metric: source.metric }),
    ...(source.threshold !== undefined && { threshold: source.threshold }),
    where,
  };
  if ("assert" in source) {
    if (source.type !== ASSERT_SET) {
      const typeAt = document.locate([...path, "type"]);
      throw invalidInput(
        `${typeAt}: assert-set has no opposite; write its assertions as not-…, or their opposites beside each other`,
        { where: typeAt, type: source.type },
      );
    }
    const assert = readAssertions(source.assert, document, [...path, "assert"], context);
    if (assert.some(({ type }) => ASSERTION_KINDS.get(type)?.comparative))
      throw invalidInput(`${where}: select-best cannot stand in an assert-set; put it beside the set`, {
        where,
      });
    if (assert.length === 0) throw invalidInput(`${where}: the assert-set has no assertions`, { where });
    return { type: ASSERT_SET, negated: false, assert, ...common };
  }
  const typeAt = document.locate([...path, "type"]);
  const negated = source.type.startsWith("not-");
  const type = negated ? source.type.slice("not-".length) : source.type;
  const kind = ASSERTION_KINDS.get(type);
  if (!kind) {
    const known = [...ASSERTION_KINDS.keys(), ASSERT_SET];
    throw invalidInput(
      `${typeAt}: assertion type ${shown(source.type)} is not one that Sluice runs${didYouMean(type, known) || `; it runs ${known.join(", ")}, each also as not-…`}`,
      { where: typeAt, type: source.type, known },
    );
  }
  const givenPrompt = source.rubricPrompt ?? context.options.rubricPrompt;
  const isFile = typeof givenPrompt === "string" && fileReference(givenPrompt) !== undefined;
  const rubricPrompt = isFile && kind.judged ? context.files.value(givenPrompt, where) : givenPrompt;
  const assertion: Assertion = {
    type,
    negated,
    ...common,
    ...(source.value !== undefined && { value: readValue(source.value, type, where, context.files) }),
    ...(source.contextTransform !== undefined && {
      contextTransform: context.files.script(source.contextTransform, where),
    }),
    ...(source.transform !== undefined && { transform: context.files.script(source.transform, where) }),
    ...readJudge(kind, source.provider, context.options.provider, where, context.configured),
    ...(rubricPrompt !== undefined && kind.judged && { rubricPrompt }),
    ...(source.config !== undefined && { config: source.config }),
  };
  checkSettings(source, kind, document, path);
  if (rubricPrompt !== undefined && kind.judged && !kind.ownPrompt)
    throw invalidInput(
      `${where}: ${source.type} asks its judge in words of its own and takes no rubricPrompt; write what must hold as llm-rubric`,
      { where, type: source.type },
    );
  const problem =
    kind.problem?.(assertion) ?? (kind.script ? undefined : valueTemplateProblem(assertion.value));
  if (problem)
    throw invalidInput(`${where}: ${writtenType(assertion)}: ${problem}`, { where, type: source.type });
  return assertion;
}

/** What only some types take. */
function checkSettings(
  { type, config, contextTransform }: Extract<AssertionSource, { value?: unknown }>,
  kind: AssertionKind,
  document: SourceDocument,
  path: Path,
): void {
  const refuse = (key: string, problem: string): never => {
    const where = document.locate([...path, key], "key");
    throw invalidInput(`${where}: ${problem}`, { where, type });
  };
  if (config !== undefined && !kind.script && !kind.config)
    refuse("config", `config is for scripts; ${type} takes none`);
  const unknown = kind.config && Object.keys(config ?? {}).find((key) => !kind.config!.includes(key));
  if (unknown !== undefined)
    refuse("config", `the config of ${type} has no ${shown(unknown)}; it takes ${kind.config!.join(", ")}`);
  if (contextTransform !== undefined && !kind.reads?.includes("context"))
    refuse("contextTransform", `contextTransform is for checks of a context; ${type} is none`);
}

function readTemplate(
  $ref: string,
  document: SourceDocument,
  path: Path,
  context: AssertionContext,
): Assertion {
  const where = document.locate(path);
  const prefix = "#/assertionTemplates/";
  const name = $ref.startsWith(prefix) ? $ref.slice(prefix.length) : undefined;
  const template = name === undefined ? undefined : context.templates[name];
  if (!template || "$ref" in template) {
    const known = Object.keys(context.templates).map((one) => `${prefix}${one}`);
    throw invalidInput(
      `${where}: $ref ${shown($ref)} names no assertion template${didYouMean($ref, known)}`,
      {
        where,
        known,
      },
    );
  }
  return readAssertion(template, document, ["assertionTemplates", name!], context);
}

function readValue(value: unknown, type: string, where: string, files: FileSource): unknown {
  if (!ASSERTION_KINDS.get(type)?.script) return readExpected(value, where, files);
  return typeof value === "string" && fileReference(value) !== undefined ? files.script(value, where) : value;
}
