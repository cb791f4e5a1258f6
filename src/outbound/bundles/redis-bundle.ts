import { messageOf, SluiceError, unavailable } from "../../domain/errors.ts";
import { optionalPackage } from "../optional-package.ts";
import type { BundleAddress } from "./bundle-address.ts";
import { type BundleWriter, readLater } from "./bundle-writer.ts";

const CONNECTS_WITHIN_MS = 5_000;

/** In one step: nobody reads a bundle with another one's time, and of two writers the later reader's stays. */
const WRITE = `local there = redis.call('GET', KEYS[2])
if there and tonumber(there) > tonumber(ARGV[2]) then return there end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('SET', KEYS[2], ARGV[2])
redis.call('PUBLISH', KEYS[1], ARGV[3])
return false`;

/** The bundle's text under a key; when it was read under `{key}:read-at`; its hash is published to the key's name. */
export async function openRedisBundle({
  url,
  key,
  place,
}: Extract<BundleAddress, { kind: "redis" }>): Promise<BundleWriter> {
  const { createClient } = await optionalPackage("@redis/client", () => import("@redis/client"));
  const client = createClient({
    url,
    socket: { connectTimeout: CONNECTS_WITHIN_MS, reconnectStrategy: false },
    disableOfflineQueue: true,
  });
  // What fails is told by whoever asks; without a listener it would end the process.
  client.on("error", () => undefined);
  return {
    async write(bundle, signal) {
      let there: unknown;
      try {
        if (!client.isOpen) await client.connect();
        there = await client.withAbortSignal(signal).eval(WRITE, {
          keys: [key, `{${key}}:read-at`],
          arguments: [bundle.text, String(bundle.readAt), bundle.sha256],
        });
      } catch (error) {
        if (client.isOpen) client.destroy();
        if (error instanceof SluiceError) throw error;
        throw unavailable(`${place} takes no bundle: ${messageOf(error)}`, { place });
      }
      if (there !== null) throw readLater(place, Number(there), bundle);
    },
    async close() {
      if (client.isOpen) await client.close().catch(() => undefined);
    },
  };
}
