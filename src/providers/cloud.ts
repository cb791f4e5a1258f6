import type { CloudAddressing } from "./configured-provider.ts";

/** What a cloud calls a model. */
export function nameAt({ models }: CloudAddressing, model: string): string {
  return Object.hasOwn(models, model) ? models[model]! : model;
}

/** The cloud that a login is for, in messages. */
export function loginOf({ project }: CloudAddressing): "AWS" | "Google Cloud" {
  return project === undefined ? "AWS" : "Google Cloud";
}
