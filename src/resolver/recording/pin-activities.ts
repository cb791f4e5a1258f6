import type { ResolveRequest } from "../options.ts";
import type { ResolvedPrompt } from "../serving/resolved-prompt.ts";

/** What of a resolver {@link pinActivities} needs. */
export interface Pinning {
  resolve(request: ResolveRequest): Promise<ResolvedPrompt>;
}

export interface PinActivities {
  /** Resolves, and gives the token. The fallback is no version to stay with: then it fails, to be tried again. */
  readonly pinPrompt: (request: ResolveRequest) => Promise<string>;
}

/**
 * Activities for a service's own Temporal worker, or steps of any other engine that keeps what they return:
 * a run resolves once, and its token, which history records, stands for that version from then on. Replays,
 * retries and later steps resolve with `{ pin: token }`, so one run never mixes versions.
 *
 * ```ts
 * const worker = await Worker.create({ activities: { ...pinActivities(prompts), ...mine } });
 * // in the workflow
 * const pin = await pinPrompt({ prompt: "support-reply", unit: conversationId });
 * await answer({ pin, question });
 * // in the activity `answer`
 * const prompt = await prompts.resolve({ pin });
 * ```
 */
export function pinActivities(prompts: Pinning): PinActivities {
  return {
    pinPrompt: async (request) => {
      const prompt = await prompts.resolve(request);
      if (prompt.versionId === null)
        throw new Error(
          `prompt "${request.prompt}" cannot be pinned: only the fallback is there (${prompt.reason})`,
        );
      return prompt.token;
    },
  };
}
