import { resolve as resolvePath } from "node:path";
import { invalidInput, notFound } from "../../../domain/errors.ts";
import type { VariableSpec } from "../../../domain/prompt/artifact.ts";
import { readSource } from "../../../domain/prompt/source-document.ts";
import { sayObstacles } from "../../../domain/plain/say-obstacles.ts";
import { shown } from "../../../domain/text/visible.ts";
import { InvokeError, type Invocation } from "../../../invoke/index.ts";
import { LiveInvoker } from "../../../invoke/live-invoker.ts";
import { SpentBudgets } from "../../../invoke/spent-budgets.ts";
import { stopOf } from "../../../invoke/stopped-call.ts";
import type { InvokeRequest } from "../../../invoke/invoke-request.ts";
import { createResolver, type ResolvedPrompt, type Resolver } from "../../../resolver/index.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import { failureOf } from "../../../terminal/failure.ts";
import { Interrupted, interruptOf } from "../../../terminal/interruption.ts";
import type { Providers } from "../../../providers/create-providers.ts";
import { configureProviders } from "../../../use-cases/configure-providers.ts";
import { readTextFile } from "../../../use-cases/read-file.ts";
import type { CommandContext } from "../../context.ts";
import type { Given } from "../../parsing/given.ts";
import { sourceAddress, withSluice } from "../../store.ts";
import { invocationJson, invocationLine, plannedLines } from "../../showing/invocation-lines.ts";
import { planInvocation, type PlannedInvocation } from "../../../invoke/plan-invocation.ts";
import { explainFallback } from "./explain-fallback.ts";

type Arguments = Given<"invoke">;

/** Does with the very library of services what they do. */
export async function run(context: CommandContext, given: Arguments): Promise<number> {
  const { config, output } = context;
  const providers = await configureProviders(config);
  const written = await writtenValues(context, given);
  const resolver = await createResolver({
    source: await sourceAddress(config),
    onWarning: () => undefined,
    fleet: false,
    callers: false,
  });
  const records = given.flag("record");
  const budgets = new SpentBudgets(() => resolver.readSpentBudgets());
  const invoker = new LiveInvoker({ resolver, providers, budget: undefined, budgets, records });
  context.endsItself();
  try {
    const { served, request } = await requestOf(context, given, resolver, written);
    if (given.flag("dryRun")) {
      const planned = await plan(context, { served, request, providers, budgets });
      output.result(planned, () => plannedLines(planned));
      return EXIT.yes;
    }
    await budgets.heard();
    const answer = given.flag("stream")
      ? await streamed(context, invoker, request)
      : await invoker.invoke({ ...request, signal: context.signal });
    if (!given.flag("stream")) output.result(invocationJson(answer), () => answer.text.split("\n"));
    for (const warning of answer.warnings) output.note(`warning: ${warning}`);
    output.progress(invocationLine(answer));
    return answer.refused ? EXIT.no : EXIT.yes;
  } catch (error) {
    const signal = interruptOf(context.signal);
    if (signal) throw new Interrupted("interrupted; the call is recorded as cancelled", { reason: signal });
    if (!(error instanceof InvokeError) || error.kind !== "format") throw error;
    output.failure({ ...failureOf(error), exitCode: EXIT.no });
    return EXIT.no;
  } finally {
    await invoker.close();
    await resolver.close();
  }
}

/** What would be sent, with what stands in the way of it just now. */
async function plan(
  context: CommandContext,
  { served, request, providers, budgets }: ToPlan,
): Promise<PlannedInvocation> {
  const planned = planInvocation(served, request, providers);
  await budgets.heard();
  // Whoever may not see what is held back is told of the rest.
  const held = await withSluice(context, (sluice) => sluice.breakers()).catch(() => []);
  const obstacles = sayObstacles(planned.targets, { held, stop: stopOf(budgets, served) });
  return { ...planned, warnings: [...planned.warnings, ...obstacles] };
}

interface ToPlan {
  readonly served: ResolvedPrompt;
  readonly request: InvokeRequest;
  readonly providers: Providers;
  readonly budgets: SpentBudgets;
}

async function requestOf(
  context: CommandContext,
  given: Arguments,
  resolver: Resolver,
  written: Readonly<Record<string, unknown>>,
): Promise<{ served: ResolvedPrompt; request: InvokeRequest }> {
  const reference = given.reference(0);
  const { label, prompt, model, tenant } = given.scope(reference.prompt);
  const version =
    reference.semver === undefined
      ? reference.number
      : (await withSluice(context, (sluice) => sluice.show(given.required(0)))).version;
  const asked = {
    prompt,
    label,
    unit: given.text("unit"),
    ...(version !== undefined && { version }),
    ...(model && { model }),
    ...(tenant && { tenant }),
  };
  const served = await resolver.resolve(asked);
  if (served.versionId === null) {
    await explainFallback(context, prompt, served.toJSON());
    throw notFound(`there is no version of ${shown(prompt)} to ask with`, { prompt });
  }
  const variables = typed(written, served.artifact.variables);
  const fallbacks = fallbacksOf(given.text("fallbacks"));
  // That very version, which no rollout counts.
  const exactly = given.flag("record") ? {} : { version: served.version! };
  return {
    served,
    request: { ...asked, ...exactly, variables, ...(fallbacks !== undefined && { fallbacks }) },
  };
}

async function streamed(
  { output, signal }: CommandContext,
  invoker: LiveInvoker,
  request: InvokeRequest,
): Promise<Invocation> {
  const stream = invoker.stream({ ...request, signal });
  let line = "";
  for await (const event of stream) {
    if (output.json) output.event(event, () => []);
    else if (event.type === "text") {
      const [begun, ...more] = (line + event.text).split("\n");
      const rest = [begun!, ...more];
      line = rest.pop()!;
      output.lines(rest);
    }
  }
  const answer = await stream.result;
  if (!output.json) output.lines(line === "" ? [] : [line]);
  else output.event({ type: "end", ...invocationJson(answer) }, () => []);
  return answer;
}

async function writtenValues(
  { cwd }: CommandContext,
  given: Arguments,
): Promise<Readonly<Record<string, unknown>>> {
  const values: Record<string, unknown> = {};
  const file = given.text("vars");
  if (file !== undefined) {
    const { value } = readSource(await readTextFile(resolvePath(cwd, file), "a file of values"), file);
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw invalidInput(`${file}: write a mapping from the names of variables to their values`, { file });
    Object.assign(values, value);
  }
  for (const pair of given.list("var")) {
    const at = pair.indexOf("=");
    if (at < 1) throw invalidInput(`--var ${shown(pair)}: write name=value`, { given: pair });
    values[pair.slice(0, at).trim()] = pair.slice(at + 1);
  }
  return values;
}

/** Texts of the command line as values of the types that the version's variables have. */
function typed(
  written: Readonly<Record<string, unknown>>,
  variables: Readonly<Record<string, VariableSpec>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(written).map(([name, value]) => {
      const type = Object.hasOwn(variables, name) ? variables[name]!.type : "string";
      if (typeof value !== "string" || type === "string") return [name, value];
      try {
        return [name, JSON.parse(value) as unknown];
      } catch {
        return [name, value];
      }
    }),
  );
}

function fallbacksOf(written: string | undefined): readonly string[] | false | undefined {
  if (written === undefined) return undefined;
  return written === "none" ? false : written.split(",").map((model) => model.trim());
}
