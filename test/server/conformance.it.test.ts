import { HttpSource } from "../../src/resolver/sources/http.ts";
import { describeSource } from "../resolver/support/source-conformance.ts";
import { storeUnderTest } from "../resolver/support/store-under-test.ts";
import { openServer } from "./support/server-bench.ts";

describeSource("a Sluice server with a key", async () => {
  const bench = await openServer();
  return {
    ...storeUnderTest(bench.store),
    source: new HttpSource(bench.address(await bench.key({ role: "resolver" }))),
    close: () => bench.close(),
  };
});
