import { SETTINGS_PARTS, type SettingsPart } from "../../../domain/addresses/page-address.ts";
import { PageHead, useTitle } from "../../parts/page.tsx";
import { SETTINGS_NAMES } from "../../parts/settings-names.ts";
import { AboutPart } from "./about-part.tsx";
import { KeysPart } from "./keys-part.tsx";
import { LabelsPart } from "./labels-part.tsx";
import { OwnPart } from "./own-part.tsx";
import { RolesPart } from "./roles-part.tsx";
import { TrustPart } from "./trust-part.tsx";

const PARTS = {
  me: OwnPart,
  keys: KeysPart,
  roles: RolesPart,
  labels: LabelsPart,
  trust: TrustPart,
  about: AboutPart,
} as const;

/** Who may do what, and what it is done with. */
export function SettingsPage({ part }: { readonly part: SettingsPart }) {
  const Part = PARTS[part];
  useTitle(`Settings: ${SETTINGS_NAMES[part]}`);
  return (
    <>
      <PageHead title="Settings" />
      <nav class="filter parts" aria-label="Settings">
        {SETTINGS_PARTS.map((one) => (
          <a key={one} href={`/settings/${one}`} {...(one === part && { "aria-current": "page" as const })}>
            {SETTINGS_NAMES[one]}
          </a>
        ))}
      </nav>
      <Part />
    </>
  );
}
