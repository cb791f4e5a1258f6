import { pickBest, readComparisonTask } from "./compare-answers.ts";
import { gradeByRubric, readRubricTask } from "./judge.ts";
import {
  type JsonSchema,
  type ModelReply,
  type ModelRequest,
  type Tool,
  countInput,
  countTokens,
  requestText,
} from "./model-request.ts";
import { readTraits } from "./prompt-traits.ts";
import { valueForSchema } from "./schema-value.ts";
import { hashText, seededRandom } from "./seeded-random.ts";
import { type SupportAnswer, answerField, supportAnswer } from "./support-answer.ts";

type Said = Pick<ModelReply, "rule" | "text" | "toolCalls">;

/** The scripted model's answer: a pure function of the request and the seed. */
export function replyTo(request: ModelRequest, seed: number): ModelReply {
  const random = seededRandom(hashText(requestText(request), request.seed ?? seed));
  const said = say(request, random);
  const inputTokens = countInput(request);
  if (said.toolCalls.length > 0) {
    const outputTokens = countTokens(JSON.stringify(said.toolCalls));
    return { ...said, finish: "tool_calls", usage: { inputTokens, outputTokens } };
  }
  const limit = request.maxTokens ?? Infinity;
  const cut = countTokens(said.text) > limit;
  const text = cut ? said.text.slice(0, limit * 4) : said.text;
  return {
    ...said,
    text,
    finish: cut ? "length" : "stop",
    usage: { inputTokens, outputTokens: countTokens(text) },
  };
}

function say(request: ModelRequest, random: () => number): Said {
  const last = request.turns.at(-1);
  const user = request.turns.filter((turn) => turn.role === "user").map((turn) => turn.text);
  const question = withoutTags(user.at(-1) ?? "");
  const forced = forcedTool(request);
  const shape = request.schema ?? forced?.schema;

  const comparison = readComparisonTask(user.at(-1) ?? "", shape);
  if (comparison) {
    const best = pickBest(comparison);
    const value = valueForSchema(shape!, (key) => best[key as keyof typeof best]);
    return inShape("judge", value, forced, random);
  }
  const task = readRubricTask(request.system, user.at(-1) ?? "", wantsVerdict(shape));
  if (task) {
    const verdict = gradeByRubric(task);
    const value = shape ? valueForSchema(shape, (key) => verdict[key as keyof typeof verdict]) : verdict;
    return inShape("judge", value, forced, random);
  }
  if (last?.role === "tool" && !shape)
    return { rule: "tool", text: `Here is what I found: ${last.text}`, toolCalls: [] };

  const traits = readTraits(request.system);
  const answer = isSupport(request.system)
    ? supportAnswer(question, productIn(request.system), request.system, random)
    : { topic: undefined, text: firstWords(question) };
  const tool = forced ?? (last?.role === "tool" ? undefined : fittingTool(request, question));
  const hint = (key: string) => answerField(key, answer);
  if (tool)
    return inShape(
      "tool",
      valueForSchema(tool.schema, (key) => (key === "" ? undefined : toolHint(key, question, answer))),
      tool,
      random,
    );
  if (shape) return { rule: "schema", text: JSON.stringify(valueForSchema(shape, hint)), toolCalls: [] };
  const keys = traits.jsonKeys ?? (request.jsonMode ? ["answer", "category"] : undefined);
  const rule = isSupport(request.system) ? "support" : "text";
  if (keys) {
    const value = Object.fromEntries(keys.map((key) => [key, hint(key)]));
    return { rule, text: JSON.stringify(value), toolCalls: [] };
  }
  return { rule, text: answer.text, toolCalls: [] };
}

function inShape(rule: Said["rule"], value: unknown, tool: Tool | undefined, random: () => number): Said {
  if (!tool) return { rule, text: JSON.stringify(value), toolCalls: [] };
  const id = `call_${Math.floor(random() * 2 ** 48)
    .toString(36)
    .padStart(10, "0")}`;
  return { rule, text: "", toolCalls: [{ id, name: tool.name, arguments: value }] };
}

function forcedTool({ tools, toolChoice }: ModelRequest): Tool | undefined {
  if (toolChoice === "any") return tools[0];
  return typeof toolChoice === "object" ? tools.find((tool) => tool.name === toolChoice.name) : undefined;
}

/** A tool is used when the question has each word of its name, as `track_order` in "track my order". */
function fittingTool({ tools, toolChoice }: ModelRequest, question: string): Tool | undefined {
  if (toolChoice !== "auto") return undefined;
  const words = question.toLowerCase();
  return tools.find((tool) =>
    tool.name
      .toLowerCase()
      .split(/[^a-z0-9]+/)
      .every((word) => words.includes(word)),
  );
}

/** A number, code or address in the question is what an argument with such a name wants. */
function toolHint(key: string, question: string, answer: SupportAnswer): unknown {
  if (/id|number|code|order/i.test(key)) return /\b[A-Z]*-?\d[\w-]*\b/.exec(question)?.[0] ?? "unknown";
  if (/query|question|text/i.test(key)) return question;
  return answerField(key, answer);
}

function wantsVerdict(shape: JsonSchema | undefined): boolean {
  const properties = (shape?.["properties"] ?? {}) as Record<string, unknown>;
  return "pass" in properties || "score" in properties;
}

function isSupport(system: string): boolean {
  return /\b(questions?|customers?|support|help ?desk)\b/i.test(system);
}

function productIn(system: string): string {
  return /\b(?:about|for|of|at) ([A-Z][\w-]*(?: [A-Z][\w-]*)*)/.exec(system)?.[1] ?? "the product";
}

function withoutTags(text: string): string {
  return text.replace(/<\/?[a-z][^<>]*>/gi, " ").trim();
}

/** For prompts that are about something else: the beginning of what they were given. */
function firstWords(text: string): string {
  const words = text.split(/\s+/).filter(Boolean);
  return words.length === 0
    ? "There was nothing to answer."
    : words.slice(0, 25).join(" ") + (words.length > 25 ? "…" : "");
}
