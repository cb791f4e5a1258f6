import { counted } from "../../domain/text/counted.ts";
import { type Artifact, parseModelTarget } from "../../domain/prompt/artifact.ts";
import type { Price } from "../../providers/price.ts";
import { costPerThousandCalls } from "../../providers/prices.ts";
import { countTokens } from "../../providers/token-count.ts";
import { compileArtifact } from "../../templates/artifact-template.ts";
import type { OwnFilters } from "../../templates/jinja/filter.ts";
import { requestProblems } from "../../templates/requests/request-problems.ts";
import { callerBreaks } from "../../domain/prompt/caller-breaks.ts";
import { contractBreaks } from "../../domain/prompt/contract-breaks.ts";
import type { Caller } from "../../domain/shapes/callers.ts";
import { freeSystemVariables } from "./free-system-variables.ts";
import { shown } from "../../domain/text/visible.ts";
import { artifactTexts } from "./artifact-texts.ts";
import { checkEdgeCases } from "./edge-cases.ts";
import type { Finding } from "../../domain/finding.ts";
import { findPersonalData } from "../../domain/text/personal-data.ts";
import { langfuseUnsafe } from "./langfuse-unsafe.ts";
import { lostPromptCache } from "./prompt-cache.ts";
import { schemaBreaks } from "./schema-compatibility.ts";
import { findSecrets } from "./secrets.ts";

export interface VersionToCheck {
  readonly candidate: Artifact;
  /** What is live now; without it nothing is compared. */
  readonly live?: Artifact | undefined;
  /** Variables of one case that the candidate renders with; without them edge cases are not tried. */
  readonly vars?: Readonly<Record<string, unknown>> | undefined;
  /** Growth of the prompt's own tokens that is accepted, as a fraction. */
  readonly maxTokenGrowth?: number | undefined;
  /** Whether Langfuse's clients get the prompt: a version that they could not be served is an error. */
  readonly forLangfuse?: boolean | undefined;
  /** Who calls the prompt, and with what, as far as that is known. */
  readonly callers?: readonly Caller[] | undefined;
  /** Makes warnings errors. */
  readonly strict: boolean;
  readonly price?: Price | undefined;
  /** Filters that their templates use beyond Jinja's own. */
  readonly filters?: { readonly candidate: OwnFilters; readonly live: OwnFilters } | undefined;
}

export interface VersionCheck {
  readonly findings: readonly Finding[];
  /** Tokens of the prompt's own text, without variables. */
  readonly tokens: number;
  readonly liveTokens: number | null;
  /** What a thousand calls cost at least, in US dollars: the prompt's own tokens as input; null without a price. */
  readonly costPerThousandCalls: number | null;
}

const DEFAULT_TOKEN_GROWTH = 0.1;

/** The checks that every version gets before any model is asked. */
export async function checkVersion(version: VersionToCheck): Promise<VersionCheck> {
  const { candidate, live, vars, strict, price, filters } = version;
  const severity = strict ? "error" : "warning";
  const findings: Finding[] = vars ? checkEdgeCases(candidate, vars, severity, filters?.candidate) : [];
  for (const { place, text } of artifactTexts(candidate)) {
    for (const kind of await findSecrets(text))
      findings.push({
        code: "secret",
        severity,
        message: `${place} contains what looks like a secret: ${kind}`,
      });
    for (const { kind, masked } of findPersonalData(text))
      findings.push({
        code: "personal_data",
        severity,
        message: `${place} contains what looks like ${kind}: ${masked}`,
      });
  }
  findings.push(...requestProblems(candidate).map((problem): Finding => ({ ...problem, severity })));
  for (const name of freeSystemVariables(candidate, filters?.candidate))
    findings.push({
      code: "free_system_variable",
      severity,
      message: `variable ${shown(name)} may be any text and stands in a system message; mark it trusted: true where only your own code sets it, or untrusted: true and move it to a user message`,
    });
  if (live) findings.push(...contractFindings(live, candidate, severity));
  // Told, and no reason to fail: a rollout that calls would fail with is refused when it is started.
  for (const { message } of callerBreaks(version.callers ?? [], live, candidate))
    findings.push({ code: "callers", severity: "warning", message });
  if (version.forLangfuse) findings.push(...langfuseUnsafe(candidate, live));
  const tokens = await fixedTokens(candidate, filters?.candidate);
  const liveTokens = live ? await fixedTokens(live, filters?.live) : null;
  const allowed = version.maxTokenGrowth ?? DEFAULT_TOKEN_GROWTH;
  if (liveTokens !== null && tokens > liveTokens * (1 + allowed))
    findings.push({
      code: "token_growth",
      severity,
      message: `the prompt grows from ${liveTokens} to ${counted(tokens, "token")} (${growth(liveTokens, tokens)}); ${Math.round(allowed * 100)} % are accepted`,
    });
  const lost = live && (await lostPromptCache(live, candidate, tokens));
  if (lost) findings.push({ code: "prompt_cache", severity, message: lost });
  return { findings, tokens, liveTokens, costPerThousandCalls: costPerThousandCalls(price, tokens) };
}

/** Where services that were written for the live version may be surprised. */
function contractFindings(live: Artifact, candidate: Artifact, severity: Finding["severity"]): Finding[] {
  const findings: Finding[] = contractBreaks(live, candidate)
    // Compared below, in both directions.
    .filter(({ part }) => !part.startsWith("output_schema"))
    .map(({ part, problem }) => ({
      code: part.startsWith("tools.") ? "tools" : "contract",
      severity,
      message: `${part} ${problem}`,
    }));
  if (live.output_schema)
    for (const one of schemaBreaks(live.output_schema, candidate.output_schema ?? true))
      findings.push({
        code: "output_schema",
        severity,
        message: `the answer's form is not what the live version promises: ${one}`,
      });
  const liveTools = new Map((live.tools ?? []).map((tool) => [tool.function.name, tool.function]));
  for (const { function: tool } of candidate.tools ?? []) {
    const known = liveTools.get(tool.name);
    const breaks = known
      ? schemaBreaks(known.parameters, tool.parameters ?? true)
      : ["the live version does not have it"];
    for (const one of breaks)
      findings.push({ code: "tools", severity, message: `tool ${tool.name}: ${one}` });
  }
  return findings;
}

async function fixedTokens(artifact: Artifact, filters?: OwnFilters): Promise<number> {
  const { fixedText } = compileArtifact(artifact, filters);
  const declared = JSON.stringify([artifact.tools ?? [], artifact.output_schema ?? null]);
  const extra = artifact.tools || artifact.output_schema ? declared : "";
  const model = parseModelTarget(artifact.model) ? artifact.model : "openai/unknown";
  return (await countTokens(`${fixedText}\n${extra}`, model)).tokens;
}

function growth(before: number, after: number): string {
  return before === 0 ? "from nothing" : `+${Math.round((after / before - 1) * 100)} %`;
}
