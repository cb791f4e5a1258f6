import type { IncomingMessage } from "node:http";
import { claudeAt } from "../../domain/models/claude-names.ts";
import { invalidInput } from "../../domain/errors.ts";
import { framed } from "./event-stream-frames.ts";
import { type AwsKey, signatureProblem } from "./signature-v4.ts";
import { record } from "./wire-reading.ts";

const BEDROCK = /^\/model\/([^/]+)\/(invoke|invoke-with-response-stream)$/;
const VERTEX =
  /^\/v1\/projects\/[^/]+\/locations\/[^/]+\/publishers\/anthropic\/models\/([^/]+):(rawPredict|streamRawPredict)$/;

/** A call of Anthropic's messages at an address of a cloud's. */
export interface CloudCall {
  readonly cloud: "bedrock" | "vertex";
  /** As the cloud calls it. */
  readonly model: string;
  readonly isStream: boolean;
  /** How its events are framed, where not as text. */
  readonly frame?: (event: string) => Uint8Array;
}

/** What is asked of which model, by the address alone. */
export function cloudCall({ method, url = "/" }: IncomingMessage): CloudCall | undefined {
  const { pathname } = new URL(url, "http://localhost");
  const bedrock = BEDROCK.exec(pathname);
  const [, model, action] = bedrock ?? VERTEX.exec(pathname) ?? [];
  if (method !== "POST" || model === undefined) return undefined;
  const isStream = action === "invoke-with-response-stream" || action === "streamRawPredict";
  return {
    cloud: bedrock ? "bedrock" : "vertex",
    model: decodeURIComponent(model),
    isStream,
    ...(bedrock && isStream && { frame: framed }),
  };
}

/** What is wrong with a cloud's login: a bearer token, or at Bedrock a signature. */
export function loginProblem(
  { cloud }: CloudCall,
  request: IncomingMessage,
  body: Buffer,
  { key, aws }: { readonly key?: string | undefined; readonly aws?: AwsKey | undefined },
): string | undefined {
  const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1];
  if (token !== undefined) return key === undefined || key === token ? undefined : "the token is not valid";
  return cloud === "bedrock" ? signatureProblem("bedrock", request, body, aws) : "there is no access token";
}

/** Its body as Anthropic's own endpoint has it: model and stream stand in the address, the version in the body. */
export function anthropicBody({ cloud, model, isStream }: CloudCall, body: unknown): Record<string, unknown> {
  const { anthropic_version: version, ...request } = record(body, "the body");
  if (typeof version !== "string") throw invalidInput("anthropic_version: Field required");
  for (const name of cloud === "bedrock" ? ["model", "stream"] : ["model"])
    if (Object.hasOwn(request, name)) throw invalidInput(`${name}: Extra inputs are not permitted`);
  return { ...request, model: claudeAt(`cloud/${model}`).replace("anthropic/", ""), stream: isStream };
}
