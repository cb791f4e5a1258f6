import { sayTokens } from "../../../domain/plain/say-tokens.ts";
import type { VersionUsage } from "../../../domain/shapes/usage.ts";
import { isTokenAlert, tokenUseOf } from "../../../statistics/token-use.ts";
import { Icon } from "../../parts/icon.tsx";

/** What the newest version costs beside the one before, where both were used enough to say so. */
export function TokenLine({ versions: [now, before] }: { readonly versions: readonly VersionUsage[] }) {
  const use = now && before && tokenUseOf(now, before);
  if (!use) return null;
  const { word, text } = sayTokens(use);
  const isAlert = isTokenAlert(use);
  return (
    <p class={isAlert ? "token-line card alert" : "token-line card"} {...(isAlert && { role: "alert" })}>
      <Icon name={isAlert ? "needs" : "done"} />
      <span>
        <strong>
          @{now.version}: {word}
        </strong>{" "}
        {text}
      </span>
    </p>
  );
}
