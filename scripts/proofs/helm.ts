import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { type Finding, found, whole } from "../finding.ts";
import { goModule, goTool } from "../go-tool.ts";
import { crdSchemas, kubernetesSchemas } from "./helm/schemas.ts";

const CHART = join(import.meta.dirname, "..", "..", "deploy", "helm", "sluice");
/** The oldest that the chart is for, and the newest that the package knows. */
const KUBERNETES = ["1.27", "1.37"];
/** What the values' schema has to refuse. */
const REFUSED = [
  ["a misspelt key", "server.replica=2"],
  ["a secret that is written down", "worker.env.OPENAI_API_KEY=sk-1"],
  ["no replica", "worker.replicas=0"],
  ["an address without a port", "temporal.address=temporal"],
] as const;

/**
 * `npm run prove -- helm`: Helm takes the chart (`lint`, `template`) with each file of values in its `checks`, and
 * everything that comes of it is valid by the schemas of Kubernetes and of the operators that it is for. It is not
 * installed: that needs a cluster.
 */
export async function prove(): Promise<Finding> {
  const helm = goTool({ package: "helm.sh/helm/v3/cmd/helm", version: "v3.18.4" });
  const kubeconform = goTool({ package: "github.com/yannh/kubeconform/cmd/kubeconform", version: "v0.7.0" });
  const folder = mkdtempSync(join(tmpdir(), "sluice-helm-"));
  try {
    const crds = crdSchemas(folder, [
      join(
        goModule("github.com/prometheus-operator/prometheus-operator", "v0.83.0"),
        "example/prometheus-operator-crd",
      ),
      join(goModule("github.com/kedacore/keda/v2", "v2.17.2"), "config/crd/bases"),
    ]);
    const kubernetes = kubernetesSchemas(folder);
    const cases = ["", ...readdirSync(join(CHART, "checks")).toSorted()];
    return whole(
      cases
        .flatMap((file) => {
          const values = file === "" ? [] : ["--values", join(CHART, "checks", file)];
          const lint = run(helm, ["lint", "--strict", CHART, ...values]);
          const rendered = run(helm, [
            "template",
            "sluice",
            CHART,
            "--kube-version",
            KUBERNETES[0]!,
            "--namespace",
            "prompts",
            ...values,
          ]);
          const manifest = join(folder, "rendered.yaml");
          writeFileSync(manifest, rendered.text);
          const kinds = parseAllDocuments(rendered.ok ? rendered.text : "").length;
          return [
            found(
              lint.ok ? "holds" : "VIOLATED",
              `helm lint, ${file || "as it is"}${lint.ok ? "" : `\n${lint.text}`}`,
            ),
            found(
              rendered.ok && kinds > 3 ? "holds" : "VIOLATED",
              `helm template, ${file || "as it is"}: ${rendered.ok ? `${kinds} objects` : rendered.text}`,
            ),
            ...KUBERNETES.map((version) => {
              const checked = run(kubeconform, [
                "-strict",
                "-summary",
                "-schema-location",
                kubernetes(version),
                "-schema-location",
                crds,
                manifest,
              ]);
              const isValid = checked.ok && !/Skipped: [1-9]/.test(checked.text);
              return found(
                isValid ? "holds" : "VIOLATED",
                `${isValid ? "valid" : "not valid"} by the schemas of Kubernetes ${version}: ${checked.text.trim()}`,
              );
            }),
          ];
        })
        .concat(
          REFUSED.map(([what, set]) => {
            const { ok } = run(helm, [
              "template",
              "sluice",
              CHART,
              "--kube-version",
              KUBERNETES[0]!,
              "--set",
              set,
            ]);
            return found(ok ? "VIOLATED" : "holds", `${what} is refused (${set})`);
          }),
        ),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(program: string, words: readonly string[]): { readonly ok: boolean; readonly text: string } {
  const { status, stdout, stderr } = spawnSync(program, words, { encoding: "utf8", maxBuffer: 64 << 20 });
  return { ok: status === 0, text: status === 0 ? stdout : `${stdout}${stderr}` };
}
