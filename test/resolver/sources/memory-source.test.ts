import { randomUUID } from "node:crypto";
import { MemorySource } from "../../../src/resolver/index.ts";
import type { ServingReport } from "../../../src/resolver/sources/serving-report.ts";
import { HttpSource } from "../../../src/resolver/sources/http.ts";
import { describeSource, type SourceUnderTest } from "../support/source-conformance.ts";
import { serveSource } from "../support/source-server.ts";

function behind(memory: MemorySource): Omit<SourceUnderTest, "source" | "close"> {
  return {
    addVersion: async (prompt, given) => memory.addVersion(prompt, given),
    addRollout: async () => randomUUID(),
    movePointer: async (scope, pointer) => memory.setPointer(scope, pointer),
  };
}

describeSource("memory", async () => {
  const source = new MemorySource();
  return { source, ...behind(source), close: async () => undefined };
});

/** The in-memory source with a fleet, as a server has one. */
class FleetSource extends MemorySource {
  readonly #known = new Set<string>();

  async reportServing(report: string): Promise<boolean> {
    const { id, whole, closed } = JSON.parse(report) as ServingReport;
    if (closed) this.#known.delete(id);
    else if (whole) this.#known.add(id);
    return this.#known.has(id);
  }
}

describeSource("a server", async () => {
  const memory = new FleetSource();
  const server = await serveSource(memory, "secret");
  return { source: new HttpSource(server.url), ...behind(memory), close: () => server.close() };
});
