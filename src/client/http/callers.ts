import { assertPromptName, parseReference } from "../../domain/names.ts";
import { promptValues } from "../../domain/prompt/prompt-file.ts";
import type { Callers, Impact } from "../../domain/shapes/callers.ts";
import { callersOf, subjectOfImpact } from "../caller-requests.ts";
import type { CallersRequest, ImpactRequest } from "../requests.ts";
import { numberOf, requirePrompt } from "./prompts.ts";
import type { ServerConnection } from "./server-connection.ts";

export async function callers(server: ServerConnection, request: CallersRequest): Promise<Callers> {
  const prompt = assertPromptName(request.prompt);
  const options = callersOf(request);
  await requirePrompt(server, prompt);
  return server.get<Callers>("/v1/callers", { prompt, ...options });
}

export async function impact(server: ServerConnection, request: ImpactRequest): Promise<Impact> {
  const subject = subjectOfImpact(request);
  const options = callersOf(request);
  if ("version" in subject) {
    const reference = parseReference(subject.version);
    const version = await numberOf(server, reference);
    return server.compute<Impact>("/v1/impact", { prompt: reference.prompt, version, ...options });
  }
  // Reading prompt files takes the templates.
  const { promptTextOf } = await import("../prompt-text.ts");
  const { prompt, text, name } = promptTextOf(subject.file);
  return server.compute<Impact>("/v1/impact", { prompt, file: promptValues(text, name)[0], ...options });
}
