import type { ShownVersion } from "../../../domain/shapes/versions.ts";
import { CopyButton } from "../../parts/copy-button.tsx";
import { Fact } from "../../parts/fact.tsx";
import { dollars } from "../../parts/numbers.ts";
import { Time } from "../../parts/time.tsx";
import { rolloutPath } from "../../route.ts";

const TESTED = { pass: "Passed", fail: "Failed", insufficient: "Cannot tell" } as const;

/** What is known of a version beside its text. */
export function VersionFacts({ version }: { readonly version: ShownVersion }) {
  const { tested, rollout, live, artifact, tokens, semver, sha256, findings, perThousandCalls } = version;
  const params = Object.entries(artifact.params);
  return (
    <aside>
      <dl class="facts card">
        <Fact name="Live in">{live.length > 0 ? live.join(", ") : "nowhere"}</Fact>
        <Fact name="Model">{artifact.model}</Fact>
        {params.map(([name, value]) => (
          <Fact key={name} name={name.replaceAll("_", " ")}>
            {typeof value === "string" ? value : JSON.stringify(value)}
          </Fact>
        ))}
        <Fact name="Tokens before any variable">{tokens.toLocaleString("en")}</Fact>
        {perThousandCalls !== null && <Fact name="Their cost, 1,000 calls">{dollars(perThousandCalls)}</Fact>}
        <Fact name="Tested">
          {tested ? (
            <>
              {TESTED[tested.verdict]}, <Time at={tested.at} />
              {tested.reason !== null && <span class="note block">{tested.reason}</span>}
            </>
          ) : (
            "not yet"
          )}
        </Fact>
        {rollout && (
          <Fact name="Rollout">
            <a href={rolloutPath(rollout.rolloutId)}>
              {(rollout.outcome ?? rollout.phase).replaceAll("_", " ")}
            </a>
          </Fact>
        )}
        <Fact name="Semantic version">{semver}</Fact>
        <Fact name="SHA-256">
          <code class="hash">{sha256}</code> <CopyButton text={sha256} of="the hash" />
        </Fact>
      </dl>
      {findings.length > 0 && (
        <ul class="findings card">
          {findings.map(({ code, severity, message }) => (
            <li key={code + message}>
              <strong>{severity === "error" ? "Must be mended" : "Worth a look"}.</strong> {message}
            </li>
          ))}
        </ul>
      )}
    </aside>
  );
}
