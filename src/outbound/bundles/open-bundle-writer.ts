import type { BundleAddress } from "./bundle-address.ts";
import type { BundleWriter } from "./bundle-writer.ts";

/** Each kind is imported when it is asked for: what it needs is a package of the project's own choice. */
export async function openBundleWriter(address: BundleAddress): Promise<BundleWriter> {
  switch (address.kind) {
    case "file":
      return (await import("./file-bundle.ts")).fileBundle(address);
    case "redis":
      return (await import("./redis-bundle.ts")).openRedisBundle(address);
    case "ssm":
      return (await import("./ssm-bundle.ts")).openSsmBundle(address);
  }
}
