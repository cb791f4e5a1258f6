import type { Topic } from "./knowledge.ts";

const RELIES_ON_FACTS = /\b(only|on)\b[^.;\n]*\bfacts\b|\bfacts\b[^.;\n]*\b(below|rely|following)\b/i;

/**
 * What a prompt that tells the assistant to keep to the facts in it says about a topic, of its lines that begin with
 * a dash: the assistant's own sentence where the numbers in it are the prompt's, else the prompt's words. Null when the
 * prompt has nothing on the topic; undefined when it does not ask for its own facts.
 */
export function factOf(system: string, topic: Topic): string | null | undefined {
  if (!RELIES_ON_FACTS.test(system)) return undefined;
  const line = system
    .split("\n")
    .flatMap((text) => /^\s*[-*•]\s+(.+?)\s*$/.exec(text)?.[1] ?? [])
    .find((text) => isAbout(text, topic));
  if (line === undefined) return null;
  if (numbersIn(line) === numbersIn(topic.fact)) return topic.fact;
  const words = line.replace(/^[^:]{1,40}:\s*/, "");
  return `${words[0]!.toUpperCase()}${words.slice(1)}`;
}

function isAbout(line: string, { words, id }: Topic): boolean {
  return line.search(words) >= 0 || line.toLowerCase().includes(id.slice(0, 5));
}

function numbersIn(text: string): string {
  return (text.match(/\d+(?:[.,]\d+)*/g) ?? []).toSorted().join(" ");
}
