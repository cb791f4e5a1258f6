import type { FoundPrompts, ListedPrompt, PromptFilter, UnknownValue } from "../shapes/prompts.ts";

/** Those of all prompts that pass a filter. */
export function filterPrompts(every: readonly ListedPrompt[], filter: PromptFilter): FoundPrompts {
  const found = every.filter((prompt) => passes(prompt, filter));
  const prompts = found.filter(({ archived }) => archived === filter.archived);
  const archived = filter.archived ? 0 : found.length - prompts.length;
  return { prompts, archived, unknown: found.length === 0 ? unknownValues(every, filter) : [] };
}

/** Each value by itself: what is there, but never together with the others, is known. */
function unknownValues(
  every: readonly ListedPrompt[],
  { text, tags = [], liveFor, model }: PromptFilter,
): UnknownValue[] {
  const none = { archived: false };
  const values = (
    filter: UnknownValue["filter"],
    value: string | undefined,
    alone: Partial<PromptFilter>,
    known: readonly string[],
  ): UnknownValue[] =>
    value === undefined || every.some((prompt) => passes(prompt, { ...none, ...alone }))
      ? []
      : [{ filter, value, known: [...new Set(known)].toSorted() }];
  const models = every.flatMap(({ newest }) => newest?.model ?? []);
  return [
    ...values(
      "text",
      text,
      { text },
      every.map(({ prompt }) => prompt),
    ),
    ...tags.flatMap((tag) =>
      values(
        "tag",
        tag,
        { tags: [tag] },
        every.flatMap((prompt) => prompt.tags),
      ),
    ),
    ...values(
      "label",
      liveFor,
      { liveFor },
      every.flatMap(({ live }) => live.map(labelOf)),
    ),
    ...values("model", model, { model }, [...models, ...models.map(bareModel)]),
  ];
}

function labelOf({ scope }: { readonly scope: string }): string {
  return scope.split(" ", 1)[0]!;
}

function bareModel(model: string): string {
  return model.split("/").slice(1).join("/");
}

function passes(
  prompt: ListedPrompt,
  { text = "", tags = [], status, liveFor, model, stale = false }: PromptFilter,
): boolean {
  const { newest, live } = prompt;
  const needle = text.toLowerCase();
  return (
    (prompt.prompt.includes(needle) || prompt.description.toLowerCase().includes(needle)) &&
    tags.every((tag) => prompt.tags.includes(tag)) &&
    (status === undefined || newest?.status === status) &&
    (!stale || (newest !== null && newest.staleIncludes.length > 0)) &&
    (liveFor === undefined || live.some((one) => labelOf(one) === liveFor)) &&
    (model === undefined || (newest !== null && [newest.model, bareModel(newest.model)].includes(model)))
  );
}
