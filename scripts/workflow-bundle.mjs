import { relative } from "node:path";
import { bundleWorkflows } from "../workers/bundle.ts";

const MAP = /(sourceMappingURL=data:application\/json;charset=utf-8;base64,)([A-Za-z0-9+/=]+)/;

/** The workflow bundle of a release: its source map names files from the root on, not where it was built. */
export async function releasedWorkflowBundle(root) {
  const code = await bundleWorkflows();
  if (!MAP.test(code)) throw new Error("the workflow bundle has no source map where one was expected");
  return code.replace(MAP, (_, before, encoded) => {
    const map = JSON.parse(Buffer.from(encoded, "base64").toString("utf8"));
    map.sources = map.sources.map((source) => (source.startsWith("/") ? relative(root, source) : source));
    return before + Buffer.from(JSON.stringify(map)).toString("base64");
  });
}
