import { loadPromptFile } from "../templates/load-prompt-file.ts";
import type { PushRequest } from "./requests.ts";

/** A prompt file that came as a value or a text, checked: its text, and which prompt it is. */
export function promptTextOf(file: PushRequest["file"]): {
  readonly prompt: string;
  readonly text: string;
  readonly name: string;
} {
  const text = typeof file === "string" ? file : JSON.stringify(file, null, 2);
  const name = "file";
  return { prompt: loadPromptFile(text, name).name, text, name };
}
