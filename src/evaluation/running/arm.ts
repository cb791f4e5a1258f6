import { type Artifact, parseModelTarget } from "../../domain/prompt/artifact.ts";
import { invalidInput } from "../../domain/errors.ts";
import type { CallEndpoint, CallTarget } from "../../providers/completion.ts";
import { type ArtifactTemplate, compileArtifact } from "../../templates/artifact-template.ts";
import type { PlaceholderMessage, RenderedMessage } from "../../templates/rendered-message.ts";
import { toAnthropic } from "../../templates/requests/to-anthropic.ts";
import { toOpenAI } from "../../templates/requests/to-openai.ts";
import type { EvaluationArm } from "../grading/case-result.ts";
import { readChatText } from "./chat-text.ts";
import { shown } from "../../domain/visible.ts";

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
}

export interface RenderedCase {
  readonly messages: readonly RenderedMessage[];
  readonly request: Readonly<Record<string, unknown>>;
}

export function createArm(
  name: EvaluationArm,
  artifact: Artifact,
  endpoint?: CallEndpoint,
  isChatText = false,
): Arm {
  const target = parseModelTarget(artifact.model);
  if (!target)
    throw invalidInput(
      `the ${name}'s model ${shown(artifact.model)} is not provider/model with openai or anthropic`,
      {
        model: artifact.model,
      },
    );
  const placeholders = new Set(
    artifact.messages.flatMap((message) => ("placeholder" in message ? [message.placeholder] : [])),
  );
  const names = new Set([...Object.keys(artifact.variables), ...placeholders]);
  return {
    name,
    artifact,
    target: endpoint ? { ...target, endpoint } : target,
    template: compileArtifact(artifact),
    names,
    placeholders,
    isChatText,
  };
}

/** A case's variables in an arm's prompt; those that only the other arm or an assertion uses are left out. */
export function renderCase(arm: Arm, vars: Readonly<Record<string, unknown>>): RenderedCase {
  const values: Record<string, unknown> = {};
  const placeholders: Record<string, readonly PlaceholderMessage[]> = {};
  for (const [name, value] of Object.entries(vars)) {
    if (arm.placeholders.has(name)) placeholders[name] = value as readonly PlaceholderMessage[];
    else if (arm.names.has(name)) values[name] = value;
  }
  const rendered = arm.template.render(values, { placeholders }).messages;
  const messages = (arm.isChatText && readChatText(rendered[0]?.content ?? "")) || rendered;
  const request = arm.target.provider === "openai" ? toOpenAI : toAnthropic;
  return { messages, request: { ...request(arm.artifact, messages) } };
}

/** A case in an arm's prompt, or undefined where it does not render. */
export function tryRender(arm: Arm, vars: Readonly<Record<string, unknown>>): RenderedCase | undefined {
  try {
    return renderCase(arm, vars);
  } catch {
    return undefined;
  }
}

/** A prompt as one text, for judges and previews. */
export function promptText(messages: readonly RenderedMessage[]): string {
  return messages.map(({ role, content }) => `${role}: ${content}`).join("\n\n");
}
