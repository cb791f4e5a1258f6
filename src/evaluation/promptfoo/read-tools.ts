import type { FunctionTool } from "../../domain/prompt/artifact.ts";
import { invalidInput } from "../../domain/errors.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Tools of a provider: functions, and those that the vendor itself runs, which are handed on as they are. */
export interface ReadTools {
  readonly functions: readonly FunctionTool[];
  readonly served: readonly Fields[];
}

/** Function tools in OpenAI's shape, in that of its Responses API, or in Anthropic's (`name` and `input_schema`). */
export function readTools(tools: unknown, where: string): ReadTools {
  if (tools === undefined) return { functions: [], served: [] };
  const list = Array.isArray(tools) ? (tools as Fields[]) : [];
  if (!Array.isArray(tools)) throw invalidInput(`${where}: tools must be a list`, { where });
  const functions: FunctionTool[] = [];
  const served: Fields[] = [];
  list.forEach((tool, index) => {
    const made = functionTool(tool);
    if (made) functions.push(made);
    else if (typeof tool["type"] === "string" && tool["type"] !== "function") served.push(tool);
    else
      throw invalidInput(`${where}: tool ${index + 1} is not a function tool with a name and a schema`, {
        where,
      });
  });
  if (functions.length > 0 && served.length > 0)
    throw invalidInput(
      `${where}: tools are functions, or tools that the vendor runs (${String(served[0]!["type"])}), not both`,
      { where },
    );
  return { functions, served };
}

function functionTool(tool: Fields): FunctionTool | undefined {
  const inner = tool["function"] as Fields | undefined;
  if (tool["type"] === "function" && typeof inner?.["name"] === "string")
    return tool as unknown as FunctionTool;
  const parameters =
    tool["input_schema"] ?? (tool["type"] === "function" ? (tool["parameters"] ?? {}) : undefined);
  if (typeof tool["name"] !== "string" || typeof parameters !== "object" || parameters === null)
    return undefined;
  return {
    type: "function",
    function: {
      name: tool["name"],
      ...(typeof tool["description"] === "string" && { description: tool["description"] }),
      parameters: parameters as Record<string, unknown>,
      ...(typeof tool["strict"] === "boolean" && { strict: tool["strict"] }),
    },
  };
}
