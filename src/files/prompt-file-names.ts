/** YAML, and the JSON file that holds several prompts; policies and golden sets beside them are none. */
const PROMPT = /(?:(?<!\.rollout|\.golden)\.ya?ml|^prompts\.json)$/;

/** Whether a file of a folder of prompts holds prompts, by its name alone. */
export function isPromptFileName(name: string): boolean {
  return PROMPT.test(name);
}

/** A folder among prompts that holds test cases, what was installed, or what is hidden. */
export function holdsNoPrompts(folder: string): boolean {
  return folder.startsWith(".") || folder === "node_modules" || folder === "golden";
}
