import { HttpSource } from "../../../src/resolver/sources/http.ts";
import { describeSource } from "../../resolver/support/source-conformance.ts";
import { storeUnderTest } from "../../resolver/support/store-under-test.ts";
import { openRelay } from "./support/relay-bench.ts";

describeSource("a relay", async () => {
  const bench = await openRelay();
  return {
    ...storeUnderTest(bench.central.store),
    source: new HttpSource(bench.address(await bench.central.key({ role: "resolver" }))),
    close: () => bench.close(),
  };
});
