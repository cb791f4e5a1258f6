import {
  type Artifact,
  parseModelTarget,
  type TemplateMessage,
  type TemplateSyntax,
} from "../domain/prompt/artifact.ts";
import { protocolOf, type Wording } from "../domain/models/vendors.ts";

/** What vendors' prompt caches keep at the least, in tokens. */
export const LEAST_CACHED_TOKENS = 1_024;

/** Where a value may come in. */
const TAG: Readonly<Record<TemplateSyntax, RegExp>> = {
  jinja: /\{\{|\{%/,
  mustache: /\{\{/,
  langfuse: /\{\{/,
  dollar: /\$/,
};

interface Prefix {
  /** What every request begins with: tools, then messages in the order of the vendor's cache, up to the first value. */
  readonly text: string;
  /** All tools and system messages are part of it. */
  readonly hasSystem: boolean;
}

/** The part of a version's requests that is the same each time, so that a vendor's prompt cache can keep it. */
export function fixedPrefix(
  artifact: Artifact,
  wording: Wording = protocolOf(parseModelTarget(artifact.model)?.provider ?? ""),
): Prefix {
  const { messages, tools, syntax } = artifact;
  const isSystem = (message: TemplateMessage) => "role" in message && message.role === "system";
  const isApart = wording === "anthropic-messages";
  const inOrder = isApart
    ? [...messages.filter(isSystem), ...messages.filter((one) => !isSystem(one))]
    : messages;
  let text = tools ? JSON.stringify(tools) : "";
  for (const [index, message] of inOrder.entries()) {
    const content = "content" in message ? textOf(message.content) : undefined;
    const at = content?.search(TAG[syntax]) ?? 0;
    if (content !== undefined && at < 0) {
      text += content;
      continue;
    }
    return { text: text + (content ?? "").slice(0, at), hasSystem: !inOrder.slice(index).some(isSystem) };
  }
  return { text, hasSystem: true };
}

/** Undefined of anything but texts. */
function textOf(content: Extract<TemplateMessage, { role: unknown }>["content"]): string | undefined {
  if (typeof content === "string") return content;
  return content.every(({ type }) => type === "text")
    ? content.map((part) => (part as { text: string }).text).join("")
    : undefined;
}
