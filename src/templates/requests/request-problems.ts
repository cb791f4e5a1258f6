import { counted } from "../../domain/text/counted.ts";
import { parseModelTarget, type Artifact } from "../../domain/prompt/artifact.ts";
import type { FindingCode } from "../../domain/finding.ts";
import { factsOf, type ModelFacts } from "../../domain/models/models.ts";
import { isForeign } from "../../domain/models/vendor-params.ts";
import { isProvider, vendorOf } from "../../domain/models/vendors.ts";
import { anthropicSchemaProblem } from "./anthropic-schema.ts";
import { paramRules } from "./param-rules.ts";
import { strictProblem } from "./strict-schema.ts";

/** What a vendor would refuse, or what is not sent to it, as far as it can be known before anything is sent. */
export interface RequestProblem {
  readonly code: FindingCode &
    (
      | "param_refused"
      | "param_ignored"
      | "part_refused"
      | "prefill_refused"
      | "schema_not_strict"
      | "schema_refused"
    );
  readonly message: string;
}

/** Values that a model without sampling takes all the same: those that say nothing. */
const NEUTRAL: Readonly<Record<string, unknown>> = {
  temperature: 1,
  top_p: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
  logprobs: false,
};
/** A version's request held against what its vendor documents and what is known of its model. */
export function requestProblems(artifact: Artifact): RequestProblem[] {
  const target = parseModelTarget(artifact.model);
  if (!target) return [];
  const facts = factsOf(artifact.model);
  return [
    ...paramProblems(artifact, target.provider, facts),
    ...(target.provider === "anthropic" ? anthropicProblems(artifact, facts) : []),
    ...schemaProblems(artifact, target.provider, facts),
    ...partProblems(artifact, target.provider, facts),
  ];
}

function paramProblems(
  artifact: Artifact,
  provider: string,
  facts: ModelFacts | undefined,
): RequestProblem[] {
  const { model, params, tools = [] } = artifact;
  const problems: RequestProblem[] = [];
  const refuse = (name: string, why: string) =>
    problems.push({ code: "param_refused", message: `${model} does not take the parameter ${name}${why}` });
  const given = (name: string) => params[name] !== undefined && params[name] !== null;
  const vendor = vendorOf(provider);
  if (isProvider(provider))
    for (const name of Object.keys(params))
      if (given(name) && isForeign(provider, name)) refuse(name, ": it is another vendor's");
  const why = facts && noSampling(facts, params["reasoning_effort"]);
  if (why !== undefined)
    for (const name of vendor?.sampling ?? [])
      if (given(name) && params[name] !== NEUTRAL[name]) refuse(name, why);
  if (facts && provider === "openai" && facts.reasoning && facts.sampling === "never" && given("stop"))
    refuse("stop", "");
  if (facts && provider === "openai" && !facts.reasoning && given("reasoning_effort"))
    refuse("reasoning_effort", ": it does not reason");
  if (provider === "anthropic" && facts && given("temperature") && given("top_p"))
    refuse("top_p", " beside temperature; set one of them");
  if (tools.length === 0)
    for (const name of ["tool_choice", "parallel_tool_calls"])
      if (given(name)) refuse(name, ": the prompt has no tools");
  for (const [name, what] of paramRules(provider, artifact)) refuse(name, what);
  const limit = params["max_completion_tokens"] ?? params["max_tokens"];
  if (facts?.maxOutput !== undefined && typeof limit === "number" && limit > facts.maxOutput)
    problems.push({
      code: "param_refused",
      message: `${model} answers with ${counted(facts.maxOutput, "token")} at most; max_tokens asks for ${limit}`,
    });
  return problems;
}

function noSampling({ sampling }: ModelFacts, effort: unknown): string | undefined {
  if (sampling === "never") return ": leave it out";
  if (sampling === "without_reasoning" && effort !== "none") return " unless reasoning_effort is none";
  if (sampling === "unless_reasoning" && effort !== undefined && effort !== "none")
    return " beside reasoning_effort";
  return undefined;
}

function anthropicProblems(artifact: Artifact, facts: ModelFacts | undefined): RequestProblem[] {
  const { model, params, messages } = artifact;
  const problems: RequestProblem[] = [];
  const last = messages.at(-1);
  const prefills = last !== undefined && "role" in last && last.role === "assistant";
  if (prefills && (facts?.prefill === false || artifact.output_schema))
    problems.push({
      code: "prefill_refused",
      message: `${model} does not go on from a last message of the assistant${facts?.prefill === false ? "" : " where output_schema is set"}; end with a user message`,
    });
  const choice = params["tool_choice"];
  const forced = choice === "required" || (typeof choice === "object" && choice !== null);
  if (forced && facts?.forcedTools === false)
    problems.push({
      code: "param_refused",
      message: `${model} cannot be made to call a tool by tool_choice`,
    });
  const format = params["response_format"] as { type?: unknown } | undefined;
  if (format?.type === "json_object")
    problems.push({
      code: "param_ignored",
      message: `${model} has no JSON mode, so response_format is not sent; use output_schema`,
    });
  return problems;
}

function partProblems(
  { model, messages }: Artifact,
  provider: string,
  facts: ModelFacts | undefined,
): RequestProblem[] {
  const parts = messages.flatMap((message) =>
    "content" in message && typeof message.content !== "string" ? message.content : [],
  );
  const problems: RequestProblem[] = [];
  if (facts?.images === false && parts.some(({ type }) => type === "image"))
    problems.push({ code: "part_refused", message: `${model} does not read images` });
  if (provider === "openai" && parts.some((part) => part.type === "file" && part.url?.startsWith("http")))
    problems.push({
      code: "part_refused",
      message: "OpenAI's chat completions take a file as data, not at an address",
    });
  return problems;
}

function schemaProblems(
  artifact: Artifact,
  provider: string,
  facts: ModelFacts | undefined,
): RequestProblem[] {
  const problems: RequestProblem[] = [];
  const { model, output_schema, params, tools = [] } = artifact;
  if (output_schema && facts?.schema === false)
    problems.push({
      code: "schema_refused",
      message: `${model} does not take an output_schema; ask for JSON in the prompt, or use a newer model`,
    });
  const unheld = provider === "anthropic" ? anthropicSchemaProblem(output_schema) : undefined;
  if (unheld !== undefined)
    problems.push({
      code: "schema_refused",
      message: `output_schema cannot be asked of ${model}: it has ${unheld}`,
    });
  const combined = ["oneOf", "allOf", "anyOf"];
  for (const { function: tool } of provider === "anthropic" ? tools : [])
    for (const key of combined)
      if (tool.parameters?.[key] !== undefined)
        problems.push({
          code: "schema_refused",
          message: `tool ${tool.name}: its parameters have "${key}" at their top, which ${model} does not take`,
        });
  if (provider !== "openai") return problems;
  const requested = (params["response_format"] as { json_schema?: { strict?: unknown } } | undefined)
    ?.json_schema;
  const notStrict = (what: string, schema: unknown) => {
    const problem = strictProblem(schema);
    if (problem)
      problems.push({
        code: "schema_not_strict",
        message: `${what} cannot be strict at OpenAI, because of ${problem}`,
      });
  };
  if (output_schema && requested?.strict === true) notStrict("output_schema", output_schema);
  for (const { function: tool } of tools)
    if (tool.strict === true) notStrict(`tool ${tool.name}`, tool.parameters ?? {});
  return problems;
}
