import type { SettingsPart } from "../../domain/addresses/page-address.ts";

/** How each part of the settings is called. */
export const SETTINGS_NAMES: Readonly<Record<SettingsPart, string>> = {
  me: "You",
  keys: "Keys",
  roles: "Roles",
  labels: "Labels",
  trust: "CI jobs",
  about: "About",
};
