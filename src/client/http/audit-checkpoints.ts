import { assertPromptName } from "../../domain/names.ts";
import type { HashedAuditLine } from "../../domain/shapes/audit.ts";
import type { AuditCheckpoint, CheckpointVerification } from "../../domain/shapes/audit-checkpoint.ts";
import { eachPage } from "./pages.ts";
import { requirePrompt } from "./prompts.ts";
import { COMPUTED_MS, type ServerConnection } from "./server-connection.ts";

export async function* auditChains(
  server: ServerConnection,
  { prompt: name }: { readonly prompt?: string | undefined } = {},
): AsyncIterable<HashedAuditLine> {
  const prompt = name === undefined ? undefined : assertPromptName(name);
  if (prompt !== undefined) await requirePrompt(server, prompt);
  for await (const page of eachPage<HashedAuditLine>(server, "/v1/audit/chains", { prompt })) yield* page;
}

export function checkpoint(server: ServerConnection): Promise<AuditCheckpoint> {
  return server.get("/v1/audit/checkpoint", {}, COMPUTED_MS);
}

export function verify(
  server: ServerConnection,
  checkpoint: AuditCheckpoint,
): Promise<CheckpointVerification> {
  return server.compute("/v1/audit/checkpoint/verification", checkpoint);
}
