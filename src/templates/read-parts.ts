import type { ContentPart } from "../domain/prompt/artifact.ts";
import { partProblem } from "../domain/prompt/content-parts.ts";
import { invalidInput } from "../domain/errors.ts";

type Given = Readonly<Record<string, unknown>>;

/**
 * The parts of a message as a caller has them: in our form, or as the SDKs of OpenAI (chat completions and
 * Responses) and Anthropic write them. Anything else is `invalid_input` naming the part's type. `areTemplates`: what
 * they say is looked at when it has been rendered.
 */
export function readParts(parts: readonly unknown[], where: string, areTemplates = false): ContentPart[] {
  return parts.map((one, index) => {
    const place = `${where}, part ${index + 1}`;
    const part = typeof one === "object" && one !== null ? readPart(one as Given) : undefined;
    if (!part) {
      const type = (one as Given | null)?.["type"];
      throw invalidInput(
        `${place}: a part of type ${JSON.stringify(type) ?? "undefined"} is not known; use text, image or file`,
      );
    }
    const problem = areTemplates ? undefined : partProblem(part);
    if (problem) throw invalidInput(`${place}: ${problem}`);
    return part;
  });
}

function readPart(given: Given): ContentPart | undefined {
  switch (given["type"]) {
    case "text":
    case "input_text":
    case "output_text":
      return typeof given["text"] === "string"
        ? { type: "text", text: given["text"].toWellFormed() }
        : undefined;
    case "refusal":
      return typeof given["refusal"] === "string"
        ? { type: "text", text: given["refusal"].toWellFormed() }
        : undefined;
    case "image":
      return given["source"] === undefined
        ? fields("image", given, ["url", "data", "media_type", "detail"])
        : fromSource("image", given["source"] as Given);
    case "image_url":
    case "input_image": {
      const image = given["image_url"];
      const nested = typeof image === "string" ? { url: image } : ((image ?? {}) as Given);
      return fields("image", { detail: given["detail"], ...nested }, ["url", "detail"]);
    }
    case "document":
      return fromSource("file", (given["source"] ?? {}) as Given, given["title"]);
    case "file":
    case "input_file": {
      const file = (given["file"] ?? given) as Given;
      if (file["file_data"] === undefined && file["file_url"] === undefined)
        return fields("file", given, ["url", "data", "media_type", "name"]);
      const url = file["file_data"] ?? file["file_url"];
      return fields("file", { url, name: file["filename"] }, ["url", "name"]);
    }
    default:
      return undefined;
  }
}

function fromSource(type: "image" | "file", source: Given, name?: unknown): ContentPart | undefined {
  if (source["type"] === "text" && typeof source["data"] === "string")
    return { type: "text", text: source["data"].toWellFormed() };
  return fields(type, { ...source, ...(type === "file" && { name }) }, ["url", "data", "media_type", "name"]);
}

function fields(type: "image" | "file", given: Given, names: readonly string[]): ContentPart | undefined {
  const found = names.flatMap((name) => (typeof given[name] === "string" ? [[name, given[name]]] : []));
  return { type, ...Object.fromEntries(found) } as ContentPart;
}
