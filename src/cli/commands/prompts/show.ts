import { counted } from "../../../domain/text/counted.ts";
import type { Artifact } from "../../../domain/prompt/artifact.ts";
import { describeVersionStatus } from "../../../domain/prompt/version-status.ts";
import { promptFileText } from "../../../domain/prompt/prompt-file-text.ts";
import { findingLines } from "../../../terminal/finding-lines.ts";
import type { ListedVersion } from "../../../domain/shapes/versions.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";
import { clock, wrap } from "../../../terminal/text-layout.ts";

/** A version whole: who, why, where it is live, whether it was tested, and what it says. */
export async function run(context: CommandContext, given: Given<"show">): Promise<void> {
  const { output } = context;
  const { artifact, findings, ...version } = await withSluice(context, (sluice) =>
    sluice.show(given.required(0)),
  );
  if (given.flag("file")) {
    output.fileResult({ ...version, artifact }, () => promptFileText(version, artifact));
    return;
  }
  output.result({ ...version, artifact, findings }, () => [
    ...aboutVersion(version, artifact, output.width).map((line, at) =>
      at === 0 ? output.paint.bold(line) : line,
    ),
    ...findingLines(findings, output, "  "),
    "",
    ...promptFileText(version, artifact, artifact.messages).trimEnd().split("\n"),
  ]);
}

function aboutVersion(version: ListedVersion, { includes = [] }: Artifact, width: number): string[] {
  const { tested, rollout } = version;
  const facts: [string, string][] = [
    [
      "status",
      version.live.length > 0 ? `live for ${version.live.join(", ")}` : describeVersionStatus(version),
    ],
    ["why", version.message || "no message"],
    ["author", `${version.author}, ${clock(version.createdAt)}`],
    ["model", `${version.model}, ${counted(version.tokens, "token")} before its variables`],
    [
      "tested",
      tested === null
        ? "never"
        : `${tested.verdict}${tested.by === "eval" ? " by hand" : ""}, ${clock(tested.at)}${tested.reason ? `: ${tested.reason}` : ""}`,
    ],
    [
      "rollout",
      rollout === null
        ? "none yet"
        : `${(rollout.outcome ?? rollout.phase).replaceAll("_", " ")} (${rollout.rolloutId})`,
    ],
    ...includes.map(({ prompt, number, at, count }): [string, string] => [
      "include",
      `${prompt}@${number}: ${count === 1 ? `message ${at + 1}` : `messages ${at + 1} to ${at + count}`}`,
    ]),
    ...Object.entries(version.metadata).map(([key, value]): [string, string] => [
      "metadata",
      `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`,
    ]),
    ["sha256", version.sha256],
  ];
  return [
    `${version.prompt}@${version.version} (${version.semver})`,
    ...facts.flatMap(([name, value]) =>
      wrap(value, width - 11).map((line, at) => `  ${(at === 0 ? name : "").padEnd(9)}${line}`),
    ),
  ];
}
