import { PostgresSource } from "../../../src/resolver/sources/postgres.ts";
import { HttpSource } from "../../../src/resolver/sources/http.ts";
import { describeSource, type SourceUnderTest } from "../support/source-conformance.ts";
import { serveSource } from "../support/source-server.ts";
import { storeUnderTest } from "../support/store-under-test.ts";
import { openStore } from "../support/store.ts";

async function open(): Promise<SourceUnderTest> {
  const store = await openStore();
  return { ...storeUnderTest(store), source: new PostgresSource(store.url) };
}

describeSource("Postgres", open);

describeSource("a server on Postgres", async () => {
  const test = await open();
  const server = await serveSource(test.source);
  return {
    ...test,
    source: new HttpSource(server.url),
    close: async () => {
      await server.close();
      await test.source.close();
      await test.close();
    },
  };
});
