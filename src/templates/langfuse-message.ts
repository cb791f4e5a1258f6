import * as v from "valibot";

/** One of the messages of a chat prompt, as Langfuse has them. */
export const langfuseMessage = v.union([
  v.object({ role: v.string(), content: v.string() }),
  v.object({ type: v.literal("placeholder"), name: v.string() }),
]);
