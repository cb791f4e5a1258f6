import { type Artifact, parseModelTarget } from "../../domain/prompt/artifact.ts";
import { invalidInput } from "../../domain/errors.ts";
import type { Wording } from "../../domain/models/vendors.ts";
import type { CallEndpoint, CallTarget } from "../../providers/completion.ts";
import { type ArtifactTemplate, compileArtifact } from "../../templates/artifact-template.ts";
import type { PlaceholderMessage, RenderedMessage } from "../../templates/rendered-message.ts";
import { requestsTo } from "../../templates/requests/protocol-requests.ts";
import type { EvaluationArm } from "../grading/case-result.ts";
import type { TestCase } from "../dataset/dataset.ts";
import type { ArmWay } from "./arm-way.ts";
import { jsonPrompt } from "./binding/json-prompt.ts";
import { readChatText } from "./binding/chat-text.ts";
import { scriptFilters } from "../sandbox/script-filters.ts";
import { shown } from "../../domain/text/visible.ts";

/** A version that is evaluated, ready to be rendered. */
export interface Arm {
  readonly name: EvaluationArm;
  readonly artifact: Artifact;
  readonly target: CallTarget;
  readonly template: ArtifactTemplate;
  /** Names that take a value: declared variables and placeholders. */
  readonly names: ReadonlySet<string>;
  readonly placeholders: ReadonlySet<string>;
  /** Its one text is read as a list of messages, where it renders to one. */
  readonly isChatText: boolean;
  readonly way: ArmWay;
}

export interface RenderedCase {
  /** It is one text, no list of messages. */
  readonly isText: boolean;
  readonly messages: readonly RenderedMessage[];
  readonly request: Readonly<Record<string, unknown>>;
}

export function createArm(
  name: EvaluationArm,
  artifact: Artifact,
  endpoint?: CallEndpoint,
  isChatText = false,
  way: ArmWay = {},
): Arm {
  const target = parseModelTarget(artifact.model);
  if (!target)
    throw invalidInput(
      `the ${name}'s model ${shown(artifact.model)} is not provider/model, as in openai/gpt-5.4-mini`,
      {
        model: artifact.model,
      },
    );
  const placeholders = new Set(
    artifact.messages.flatMap((message) => ("placeholder" in message ? [message.placeholder] : [])),
  );
  const names = new Set([...Object.keys(artifact.variables), ...placeholders]);
  const filters = scriptFilters(way.filters);
  return {
    name,
    artifact,
    target: { ...target, ...(endpoint && { endpoint }), ...(way.api && { api: way.api }) },
    template: (isChatText && jsonPrompt(artifact, filters)) || compileArtifact(artifact, filters),
    names,
    placeholders,
    isChatText,
    way,
  };
}

const ofCases = new WeakMap<Arm, WeakMap<TestCase, Arm>>();

/** An arm as a case asks it: with a model of the case's own, or texts around the prompt's one text. */
export function armOf(arm: Arm, testCase: TestCase): Arm {
  const { ownModel, prefix, suffix } = testCase;
  if (!ownModel && prefix === undefined && suffix === undefined) return arm;
  const known = ofCases.get(arm) ?? new WeakMap<TestCase, Arm>();
  ofCases.set(arm, known);
  const made = known.get(testCase) ?? withCase(arm, testCase);
  known.set(testCase, made);
  return made;
}

function withCase(arm: Arm, { ownModel, prefix = "", suffix = "" }: TestCase): Arm {
  const { model, params, tools, output_schema, endpoint, api } = ownModel ?? {};
  const { tools: _tools, output_schema: _schema, ...rest } = arm.artifact;
  const adapted = ownModel
    ? {
        ...rest,
        model: model!,
        params: params!,
        ...(tools && { tools }),
        ...(output_schema && { output_schema }),
      }
    : arm.artifact;
  const [only, ...others] = adapted.messages;
  const isText = only && others.length === 0 && "content" in only && typeof only.content === "string";
  if ((prefix || suffix) && !isText)
    throw invalidInput(
      "a prefix or a suffix stands around a prompt of one text; this one is a list of messages",
    );
  const messages = isText ? [{ ...only, content: `${prefix}${only.content}${suffix}` }] : adapted.messages;
  const way = ownModel ? { ...arm.way, transform: undefined, api } : arm.way;
  const where = ownModel ? endpoint : arm.target.endpoint;
  return createArm(arm.name, { ...adapted, messages }, where, arm.isChatText, way);
}

/**
 * A case's variables in an arm's prompt; those that only the other arm or an assertion uses are left out.
 *
 * @param wordingOf what is said to a target; by its provider's name where nothing is given
 */
export function renderCase(
  given: Arm,
  testCase: TestCase,
  wordingOf?: (target: CallTarget) => Wording,
): RenderedCase {
  const arm = armOf(given, testCase);
  const { vars } = testCase;
  const values: Record<string, unknown> = {};
  const placeholders: Record<string, readonly PlaceholderMessage[]> = {};
  for (const [name, value] of Object.entries(vars)) {
    if (arm.placeholders.has(name)) placeholders[name] = value as readonly PlaceholderMessage[];
    else if (arm.names.has(name)) values[name] = value;
  }
  const rendered = arm.template.render(values, { placeholders }).messages;
  const chat = arm.isChatText ? readChatText(rendered[0]?.content ?? "") : undefined;
  const messages = chat ?? rendered;
  const isText = !chat && messages.length === 1 && messages[0]!.role === "user";
  const requests = requestsTo(arm.target, wordingOf?.(arm.target));
  return { messages, isText, request: requests.ofMessages(arm.artifact, messages) };
}

/** A case in an arm's prompt, or undefined where it does not render. */
export function tryRender(arm: Arm, testCase: TestCase): RenderedCase | undefined {
  try {
    return renderCase(arm, testCase);
  } catch {
    return undefined;
  }
}

/** A prompt as one text, for judges and previews. */
export function promptText(messages: readonly RenderedMessage[]): string {
  return messages.map(({ role, content }) => `${role}: ${content}`).join("\n\n");
}
