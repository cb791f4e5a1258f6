import { SETTINGS_PARTS } from "../../domain/addresses/page-address.ts";
import { SETTINGS_NAMES } from "../parts/settings-names.ts";
import type { ListedPrompt } from "../../domain/shapes/prompts.ts";
import { promptPath, rolloutPath, versionPath } from "../route.ts";

/** Where somebody may want to go. */
export interface Found {
  readonly kind: "prompt" | "version" | "rollout" | "page";
  readonly name: string;
  readonly about: string;
  readonly to: string;
}

const PAGES: readonly Found[] = [
  page("Home", "what needs you, and what is live", "/"),
  page("Prompts", "all of them", "/prompts"),
  page("Rollouts", "all of them", "/rollouts"),
  page("Audit", "who changed what", "/audit"),
  page("Dead letters", "what could not be done", "/dead-letters"),
  ...SETTINGS_PARTS.map((part) => page(`Settings: ${SETTINGS_NAMES[part]}`, "settings", `/settings/${part}`)),
];

function page(name: string, about: string, to: string): Found {
  return { kind: "page", name, about, to };
}

/** What a text names beside prompts: pages, one version, a rollout by its id. */
export function foundBeside(text: string): readonly Found[] {
  const version = /^([a-z0-9][a-z0-9._/-]*)@([1-9]\d{0,9})$/.exec(text);
  const rollout = /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(text);
  return [
    ...(version
      ? [{ kind: "version", name: text, about: "this version", to: versionPath(text) } as const]
      : []),
    ...(rollout
      ? [{ kind: "rollout", name: text, about: "this rollout", to: rolloutPath(text) } as const]
      : []),
    ...(text === "" ? [] : PAGES.filter(({ name }) => name.toLowerCase().includes(text))),
  ];
}

export function ofPrompt({ prompt, description, newest }: ListedPrompt): Found {
  const about = description || (newest ? `newest @${newest.version}` : "no version yet");
  return { kind: "prompt", name: prompt, about, to: promptPath(prompt) };
}
