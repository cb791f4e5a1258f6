import { invalidInput } from "../../domain/errors.ts";
import { NO_OWN_FILTERS, type OwnFilters } from "../../templates/jinja/filter.ts";
import { loadQuickJs } from "./quickjs-script.ts";
import { type Script, scriptTask } from "./run-script.ts";
import type { ScriptAnswer, ScriptTask } from "./script-protocol.ts";

let run: ((task: ScriptTask) => ScriptAnswer) | undefined;

/** Makes {@link scriptFilters} ready to be used: templates are rendered without waiting. */
export async function loadSandbox(): Promise<void> {
  run = await loadQuickJs();
}

/** Scripts as filters of a template. One that throws, loops or gives nothing is an `invalid_input` that names it. */
export function scriptFilters(scripts: Readonly<Record<string, Script>> | undefined): OwnFilters {
  if (scripts === undefined) return NO_OWN_FILTERS;
  return new Map(
    Object.entries(scripts).map(([name, script]) => [
      name,
      (value, args) => {
        if (!run) throw new Error("the sandbox is not loaded");
        const answer = run({ ...scriptTask(script, { output: value, context: args }), spreads: true });
        if (!answer.ok)
          throw invalidInput(`the filter "${name}" failed: ${answer.problem}`, { kind: "script" });
        const given: unknown = answer.json === undefined ? undefined : JSON.parse(answer.json);
        if (given === undefined) throw invalidInput(`the filter "${name}" gave nothing`, { kind: "script" });
        return given;
      },
    ]),
  );
}
