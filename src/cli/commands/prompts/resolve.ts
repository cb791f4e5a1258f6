import { invalidInput } from "../../../domain/errors.ts";
import type { PromptReference } from "../../../domain/names.ts";
import { describeScope } from "../../../domain/scope.ts";
import { createResolver, type Resolution } from "../../../resolver/index.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { sourceAddress, withSluice } from "../../store.ts";
import { wrap } from "../../../terminal/text-layout.ts";
import { explainFallback } from "./explain-fallback.ts";

/** Asks the very library that services use. */
export async function run(context: CommandContext, given: Given<"resolve">): Promise<void> {
  const { output } = context;
  const isNamed = given.optional(0) !== undefined;
  const reference: PromptReference = isNamed ? given.reference(0) : { prompt: "" };
  const { label, prompt, model, tenant } = given.scope(reference.prompt);
  if (!isNamed && model === "")
    throw invalidInput("name a prompt, or a model whose default is meant: sluice resolve --model MODEL");
  const { semver } = reference;
  const number =
    semver === undefined
      ? reference.number
      : (await withSluice(context, (sluice) => sluice.show(given.required(0)))).version;
  const resolver = await createResolver({
    source: await sourceAddress(context.config),
    onWarning: () => undefined,
    fleet: false,
    callers: false,
  });
  let resolution: Resolution;
  try {
    const resolved = await resolver.resolve({
      ...(prompt && { prompt }),
      label,
      unit: given.text("unit"),
      ...(number !== undefined && { version: number }),
      ...(model && { model }),
      ...(tenant && { tenant }),
    });
    resolution = resolved.toJSON();
  } finally {
    await resolver.close();
  }
  if (resolution.source === "fallback") await explainFallback(context, prompt, resolution);
  output.result(resolution, () => describe(resolution, output.width));
}

const ARMS = { candidate: "the candidate", control: "control", unenrolled: "not enrolled" } as const;

function describe(resolution: Resolution, width: number): string[] {
  const { prompt, version, sha256, label, scope, arm, rolloutId, epoch, revision, source, reason } =
    resolution;
  const facts = [
    [
      "arm",
      `${ARMS[arm]}${rolloutId === null ? "" : `, rollout ${rolloutId}${epoch === null ? "" : `, epoch ${epoch}`}`}`,
    ],
    ["because", `${reason.replaceAll("_", " ")}, from ${source}`],
    [
      "pointer",
      scope === null ? `none answers for label ${label}` : `${describeScope(scope)}, revision ${revision}`,
    ],
    ["sha256", sha256],
  ] as const;
  const indent = " ".repeat(12);
  return [
    version === null ? `${prompt || "any prompt"} (neutral fallback)` : `${prompt}@${version}`,
    ...facts.flatMap(([name, text]) => {
      const [first, ...more] = wrap(text, width - indent.length);
      return [`  ${name.padEnd(10)}${first}`, ...more.map((line) => indent + line)];
    }),
  ];
}
