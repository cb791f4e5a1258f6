import { type ConfigOptions, parsePromptfooConfig } from "../../../src/evaluation/promptfoo/parse-config.ts";
import { evaluateConfig } from "../../../src/evaluation/promptfoo/evaluate-config.ts";
import type { ProvidersOptions } from "../../../src/providers/create-providers.ts";
import type { WireAnswer } from "../../providers/wire-server.ts";
import { type ChatRequest, said, scriptedModel } from "../scripted-model.ts";

export type ConfigRequest = ChatRequest & Readonly<Record<string, unknown>>;

/** Runs a configuration on a scripted model, and gives what was asked, in order, beside the results. */
export async function runConfig(
  config: Record<string, unknown>,
  answer: (request: ConfigRequest, index: number) => string | WireAnswer = said,
  more: { readonly options?: ConfigOptions; readonly providers?: (url: string) => ProvidersOptions } = {},
) {
  const requests: ConfigRequest[] = [];
  let url = "";
  await using model = await scriptedModel(
    (request, index) => {
      requests.push(request as ConfigRequest);
      return answer(request as ConfigRequest, index);
    },
    more.providers && ((given) => more.providers!((url = given))),
  );
  const text = JSON.stringify({ providers: ["openai:gpt-4.1-mini"], ...config });
  const parsed = parsePromptfooConfig(text, "promptfooconfig.yaml", more.options);
  const report = await evaluateConfig({
    config: parsed,
    gate: { min_pass_rate: 1, max_regression: 0.05 },
    providers: model.providers,
  });
  return {
    config: parsed,
    report,
    requests,
    paths: model.server.requests.map(({ path }) => path),
    url,
    outputs: report.results.map(({ output }) => output),
    results: report.results,
  };
}

/** Why each result did not pass: its error, or its failed checks. */
export function reasons({ results }: Pick<Awaited<ReturnType<typeof runConfig>>, "results">): string[] {
  return results.flatMap(({ error, assertions }) =>
    error === null ? assertions.filter(({ pass }) => !pass).map(({ reason }) => reason) : [error],
  );
}
