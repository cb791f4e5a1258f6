import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ACTION_BUNDLE, bundleAction } from "../../scripts/bundle-action.ts";

it("the action that is committed is the one that its source makes (npm run build-action)", async () => {
  expect(readFileSync(ACTION_BUNDLE, "utf8")).toBe(await bundleAction());
});
