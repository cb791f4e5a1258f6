import * as v from "valibot";
import { LABEL, promptNameProblem } from "../../domain/names.ts";
import { SENT_TYPES } from "../../domain/prompt/caller-report.ts";
import { scopePartProblem } from "../../domain/scope.ts";

/** Any text that Postgres reads as one: services send what it gave them. */
export const uuid = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, "must be a UUID"),
);
export const label = v.pipe(v.string(), v.regex(LABEL, "must be 1 to 36 of a-z, 0-9, _ . -"));
export const promptName = v.pipe(
  v.string(),
  v.check((name) => promptNameProblem(name) === undefined, "must be a prompt's name, as in support/reply"),
);
export const tenant = v.pipe(
  v.string(),
  v.check((text) => scopePartProblem("tenant", text) === undefined, "must be text of 512 characters at most"),
);
export const model = v.pipe(
  v.string(),
  v.check(
    (text) => scopePartProblem("model", text) === undefined,
    "must name a model, as in openai/gpt-5.4-mini",
  ),
);

/** A part that is absent is `""`. */
export const scope = v.object({ label, prompt: v.union([v.literal(""), promptName]), model, tenant });

/** More scopes than any resolver holds. */
const MOST_SCOPES = 10_000;

export const pointersQuery = v.object({
  scopes: v.pipe(v.array(scope), v.maxLength(MOST_SCOPES)),
  have: v.pipe(v.array(uuid), v.maxLength(MOST_SCOPES)),
});

export const pointer = v.object({
  ...scope.entries,
  prompt: v.string(),
  activeVersion: v.nullable(v.string()),
  previousVersion: v.nullable(v.string()),
  candidateVersion: v.nullable(v.string()),
  mode: v.nullable(v.picklist(["canary", "holdback"])),
  share: v.number(),
  salt: v.string(),
  epoch: v.number(),
  rolloutId: v.nullable(v.string()),
  leaseMs: v.number(),
  revision: v.number(),
});

export const storedVersion = v.object({
  id: v.string(),
  prompt: v.string(),
  number: v.number(),
  sha256: v.string(),
  artifact: v.object({}),
});

export const pointersAnswer = v.object({
  pointers: v.array(pointer),
  versions: v.array(storedVersion),
  /** Of a relay that is cut off: for how long, in ms. The pointers are what its server said then. */
  ageMs: v.optional(v.number()),
  /** Scopes that the key may not see; they are answered as if they had no pointer. */
  forbidden: v.optional(v.array(scope)),
});

const circuitName = {
  provider: v.pipe(v.string(), v.minLength(1), v.maxLength(32)),
  endpoint: v.pipe(v.string(), v.minLength(1), v.maxLength(2_000)),
  /** Null: the endpoint itself. */
  model: v.nullable(v.pipe(v.string(), v.maxLength(200))),
};
const openCircuit = v.object({
  ...circuitName,
  openMs: v.pipe(v.number(), v.minValue(0)),
  reason: v.pipe(v.string(), v.maxLength(64)),
});
const circuits = <T extends v.GenericSchema>(one: T) => v.pipe(v.array(one), v.maxLength(1_000));

export const circuitExchange = v.object({
  opened: circuits(openCircuit),
  closed: circuits(v.object(circuitName)),
  probes: circuits(v.object(circuitName)),
});
export const circuitAnswer = v.object({
  open: v.array(openCircuit),
  granted: v.array(v.object(circuitName)),
});

export const spentBudgets = v.object({
  /** Model and tenant are "" where the budget is for every one; `leftMs`: until the day of UTC is over. */
  spent: v.array(
    v.object({
      ...scope.entries,
      spentUsd: v.number(),
      budgetUsd: v.number(),
      leftMs: v.number(),
    }),
  ),
});

const name = v.pipe(v.string(), v.maxLength(128));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const sentValue = v.object({
  kind: v.picklist(["variable", "placeholder"]),
  name,
  types: v.pipe(v.array(v.picklist(SENT_TYPES)), v.maxLength(SENT_TYPES.length)),
  longest: count,
  calls: count,
});
export const callerReport = v.object({
  service: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  sends: v.pipe(
    v.array(
      v.object({
        label,
        prompt: promptName,
        calls: count,
        values: v.pipe(v.array(sentValue), v.maxLength(400)),
      }),
    ),
    v.maxLength(1_000),
  ),
});
/** False: the store is busy with others of the same service; say it again soon. */
export const taken = v.object({ taken: v.boolean() });

export const versionQuery = v.union([
  v.strictObject({ id: uuid }),
  v.strictObject({
    prompt: promptName,
    number: v.pipe(
      v.string(),
      v.regex(/^[1-9][0-9]{0,15}$/, "must be a whole number from 1"),
      v.transform(Number),
    ),
  }),
]);

export const known = v.object({ known: v.boolean() });

const served = v.looseObject({ label: v.string(), prompt: v.string(), tenant: v.string() });
/** What is looked at of a resolver's report; the rest is Postgres' to judge. */
export const servingReport = v.looseObject({ serves: v.array(served), dropped: v.array(served) });
