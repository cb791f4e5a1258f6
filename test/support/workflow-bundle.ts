import { writeFile } from "node:fs/promises";

const WORKFLOWS = new URL("../../workflows/index.ts", import.meta.url).pathname;

/** Bundles the workflows into a file, as a worker would, and gives its path. */
export async function buildWorkflowBundle(file: string): Promise<string> {
  const { DefaultLogger, bundleWorkflowCode } = await import("@temporalio/worker");
  const { code } = await bundleWorkflowCode({ workflowsPath: WORKFLOWS, logger: new DefaultLogger("ERROR") });
  await writeFile(file, code);
  return file;
}
