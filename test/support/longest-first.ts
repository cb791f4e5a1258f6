import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Short files that take long: begun last, each would be waited for alone. */
const LONG =
  /(?:packages\/packages|storage\/error-rates|workflows\/(?:evaluation|gate-evidence|rollout)|stack\/stack|cli\/circumstances|demo\/demo|chaos\/run-schedule|sources\/postgres-conformance)\.(?:it|release)\.test\.ts$/;

/** Vitest's own order, which is by size in a fresh clone, behind what is known to take long. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONG.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
