import { stringify } from "yaml";
import type { Artifact } from "./artifact.ts";
import { type DescribedVersion, messagesAsWritten, promptFileValue } from "./prompt-file-value.ts";

/** The artifact as a prompt file: pushing it again gives the same version. */
export function promptFileText(
  version: DescribedVersion,
  artifact: Artifact,
  messages: readonly unknown[] = messagesAsWritten(artifact),
): string {
  return stringify(promptFileValue(version, artifact, messages), { lineWidth: 0 });
}
