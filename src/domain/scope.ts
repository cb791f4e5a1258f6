import { counted } from "./text/counted.ts";
import { invalidInput } from "./errors.ts";
import { shown } from "./text/visible.ts";

/** What a pointer is for. A part that is absent matches everything. */
export interface Scope {
  readonly label: string;
  readonly prompt?: string | undefined;
  readonly model?: string | undefined;
  readonly tenant?: string | undefined;
}

/** Where a scope's parts are stored or compared, an absent part is the empty string. */
export interface ScopeColumns {
  readonly label: string;
  readonly prompt: string;
  readonly model: string;
  readonly tenant: string;
}

export const DEFAULT_LABEL = "production";

/** Fails with `invalid_input` for a model that names none, such as `openai/`: it would mean every model. */
export function scopeColumns(scope: Scope): ScopeColumns {
  const model = scope.model ? normaliseModel(scope.model) : "";
  if (scope.model && model === "")
    throw invalidInput(
      `model ${shown(scope.model)} names no model; write it as in openai/gpt-5.4-mini, or leave it out for every model`,
      { model: scope.model },
    );
  return { label: scope.label, prompt: scope.prompt ?? "", model, tenant: scope.tenant ?? "" };
}

export function columnsScope(columns: ScopeColumns): Scope {
  return {
    label: columns.label,
    ...(columns.prompt && { prompt: columns.prompt }),
    ...(columns.model && { model: columns.model }),
    ...(columns.tenant && { tenant: columns.tenant }),
  };
}

/** Characters of a model or a tenant: what fits the notification of a move, whatever they are. */
const MAX_PART = 512;

/** What is wrong with a model or a tenant, or undefined when nothing is. */
export function scopePartProblem(name: "model" | "tenant", part: string): string | undefined {
  if (part.length > MAX_PART) return `has ${counted(part.length, "character")}; at most ${MAX_PART} can be`;
  // Neither can be stored, so no pointer can be meant.
  if (part.includes("\0") || !part.isWellFormed()) return "has characters that no store can hold";
  if (name === "model" && part.trim() !== "" && normaliseModel(part) === "")
    return "names a provider and no model; write provider/model, or the model alone";
  return undefined;
}

/** One string per scope, safe as a map key: no part can contain the separator. */
export function scopeKey({ label, prompt, model, tenant }: ScopeColumns): string {
  return `${label}\u0000${prompt}\u0000${model}\u0000${tenant}`;
}

const BEDROCK_REGION = /^(?:us|eu|apac|ap|sa|ca|us-gov|global)\.(?=[a-z0-9-]+\.)/;

/**
 * The model id that scopes are stored and looked up under: lower case, without a `provider/` prefix
 * and without the region prefix of a Bedrock inference profile (`us.anthropic.claude…`).
 */
export function normaliseModel(model: string): string {
  const bare = model.trim().toLowerCase();
  const afterProvider = bare.slice(bare.lastIndexOf("/") + 1);
  return afterProvider.replace(BEDROCK_REGION, "");
}

/**
 * The scopes that can answer a request, most specific first:
 * tenant+prompt+model, prompt+model, tenant+prompt, prompt, tenant+model, model.
 * Without a prompt only the last two. The seventh level, the neutral fallback, is not a scope.
 */
export function scopePrecedence(request: Scope): ScopeColumns[] {
  const { label, prompt, model, tenant } = scopeColumns(request);
  const levels: ScopeColumns[] = [];
  if (prompt) {
    if (tenant && model) levels.push({ label, prompt, model, tenant });
    if (model) levels.push({ label, prompt, model, tenant: "" });
    if (tenant) levels.push({ label, prompt, model: "", tenant });
    levels.push({ label, prompt, model: "", tenant: "" });
  }
  if (tenant && model) levels.push({ label, prompt: "", model, tenant });
  if (model) levels.push({ label, prompt: "", model, tenant: "" });
  return levels;
}

/** `production/support-reply`, with ` model=…` and ` tenant=…` where the scope has them. */
export function describeScope(scope: Scope): string {
  const extra = [scope.model && `model=${scope.model}`, scope.tenant && `tenant=${scope.tenant}`].filter(
    Boolean,
  );
  return [`${scope.label}/${scope.prompt ?? "*"}`, ...extra].join(" ");
}

/** The same without the prompt, for who has named it: `production`, `staging tenant=acme`. */
export function describePlace(place: {
  readonly label: string;
  readonly model: string | null;
  readonly tenant: string | null;
}): string {
  const { label, model, tenant } = place;
  return [label, model && `model=${model}`, tenant && `tenant=${tenant}`].filter(Boolean).join(" ");
}

/** The task queue of an installation that has a Temporal namespace to itself. */
export const DEFAULT_TASK_QUEUE = "sluice";

/** Characters of an id that Temporal takes. */
const MAX_WORKFLOW_ID = 1_000;
/** Of an id that would be longer, what becomes a digest: a name of 512 characters of another script, escaped. */
const LONG_PART = 100;

export interface WorkflowIdOptions {
  /** The task queue of the installation: one of its own becomes part of its ids. */
  readonly taskQueue?: string;
  /** SHA-256 of a text, in hex. */
  readonly digest: (text: string) => string;
}

/**
 * One workflow id per pointer, so that one pointer can have one rollout at a time. An installation with a task
 * queue of its own, because it shares its namespace, has workflow ids of its own too. Of an id that is longer than
 * Temporal takes, the long parts are digests; `%sha256-` is what no escaped name begins with.
 */
export function rolloutWorkflowId(
  scope: ScopeColumns,
  { taskQueue = DEFAULT_TASK_QUEUE, digest }: WorkflowIdOptions,
): string {
  const parts = [scope.label, scope.prompt, scope.model, scope.tenant].map(idPart);
  if (taskQueue !== DEFAULT_TASK_QUEUE) parts.push(encodeURIComponent(taskQueue));
  const id = `rollout:${parts.join(":")}`;
  if (id.length <= MAX_WORKFLOW_ID) return id;
  const short = parts.map((part) => (part.length > LONG_PART ? `%sha256-${digest(part)}` : part));
  return `rollout:${short.join(":")}`;
}

/** An absent part is `-`, so one that is just that is written otherwise. */
function idPart(text: string): string {
  if (text === "") return "-";
  return text === "-" ? "%2D" : encodeURIComponent(text);
}
