import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { hostInUrl, type ListenAddress } from "../domain/addresses/listen-address.ts";
import { messageOf, unavailable } from "../domain/errors.ts";
import type { StoreGauges } from "../domain/shapes/store-gauges.ts";
import { countHappenings, type Part } from "./count-happenings.ts";
import { newMetrics } from "./metrics.ts";
import { readStoreWhenScraped } from "./read-store.ts";

export interface MetricsOptions extends ListenAddress {
  readonly part: Part;
  readonly readStore: () => Promise<StoreGauges>;
  /** What Temporal's SDK counts, in the older format, under a path of its own. */
  readonly temporal?: (() => Promise<string>) | undefined;
  /** Of a part that has no routes: whether it does its work, for `/readyz` beside `/healthz`. */
  readonly isReady?: (() => boolean) | undefined;
}

export interface ServedMetrics {
  readonly url: string;
  close(): void;
}

/** As a server's routes of these names answer: 200, or 503 where it is not ready. */
function probes(isReady: () => boolean) {
  const page = (text: () => Promise<string>) => ({ type: "text/plain", text });
  return {
    "/healthz": page(async () => "alive\n"),
    "/readyz": page(async () => {
      if (!isReady()) throw unavailable("not ready");
      return "ready\n";
    }),
  };
}

/**
 * `GET /metrics` for Prometheus, by OpenMetrics, and `GET /metrics/temporal`, on a listener of its own: what it says is of
 * no prompt and no person, and it asks for no key, so it listens where only who may know it can reach. Fails as listening
 * does.
 */
export async function serveMetrics({
  host,
  port,
  part,
  readStore,
  temporal,
  isReady,
}: MetricsOptions): Promise<ServedMetrics> {
  const registry = newMetrics();
  countHappenings(registry, part);
  const readGauges = readStoreWhenScraped(registry, readStore);
  const own = async () => {
    await readGauges();
    return registry.metrics();
  };
  const pages: Readonly<Record<string, { readonly type: string; readonly text: () => Promise<string> }>> = {
    "/metrics": { type: registry.contentType, text: own },
    ...(temporal && { "/metrics/temporal": { type: "text/plain; version=0.0.4", text: temporal } }),
    ...(isReady && probes(isReady)),
  };
  const server = createServer((request, response) => {
    const page = request.method === "GET" ? pages[request.url?.split("?", 1)[0] ?? ""] : undefined;
    request.resume();
    if (!page) return void response.writeHead(404).end(`GET ${Object.keys(pages).join(" or ")}\n`);
    page.text().then(
      (body) => response.writeHead(200, { "content-type": page.type }).end(body),
      (error: unknown) => response.writeHead(503).end(messageOf(error)),
    );
  });
  await new Promise<void>((listening, reject) => {
    server.once("error", reject);
    server.listen(port, host, listening);
  });
  server.unref();
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${hostInUrl(host)}:${taken}/metrics`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
