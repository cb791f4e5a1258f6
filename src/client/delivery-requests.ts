import type { Manifest } from "../domain/shapes/delivering.ts";

export const USUAL_DELIVERIES = 200;

export interface DeliveriesRequest {
  readonly prompt?: string | undefined;
  readonly repository?: string | undefined;
  readonly commit?: string | undefined;
  /** The newest so many. Default 200. */
  readonly limit?: number | undefined;
}

export interface PublishRequest {
  readonly manifest: Manifest;
  /** The revision of the manifest that it takes the place of; 0: there was none. */
  readonly expectedRevision: number;
  /** Also where it does not follow that one: an older commit, or another branch. */
  readonly takeOver?: boolean | undefined;
}

export interface ForgetRequest {
  readonly repository: string;
  /** These prompts of it; all of it when there are none. */
  readonly prompts?: readonly string[] | undefined;
  readonly reason: string;
}

export interface DeliverRequest {
  readonly prompt: string;
  /** The one whose manifest is published. */
  readonly commit: string;
  /** By environment, with the test cases of their gates; the policy that was pushed with the prompt where there is none. */
  readonly policies?: Readonly<Record<string, { readonly policy: unknown; readonly dataset?: unknown }>>;
  /** What is started only because somebody asks: what was tried and refused, or is older than what is live. */
  readonly also?: readonly ("refused" | "older")[];
}
