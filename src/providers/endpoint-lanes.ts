import pLimit from "p-limit";
import { PROVIDERS } from "../domain/models/vendors.ts";
import { callFailure } from "./call-failure.ts";
import type { CallTarget, CompletionCall } from "./completion.ts";
import type { EndpointSettings, ProtocolCaller } from "./protocols/protocol-caller.ts";
import { CALLERS } from "./protocols/protocol-callers.ts";
import type { ProxySettings } from "./proxy-settings.ts";
import { type ProviderTable, type Reach, reachOf } from "./reach.ts";
import type { Pause } from "./retry.ts";

export interface LaneOptions extends ProviderTable {
  /** Of one attempt, body included, in milliseconds. Default 120,000. */
  readonly timeoutMs?: number;
  /** Through which connections leave; directly without. */
  readonly proxy?: ProxySettings | undefined;
}

/** What all calls to one endpoint with one key share: its limits, and the SDK's client once it is loaded. */
export interface Lane {
  readonly limit: ReturnType<typeof pLimit>;
  readonly pause: Pause;
  readonly reach: Reach;
  readonly settings: EndpointSettings;
  caller?: Promise<ProtocolCaller>;
}

/** The lane of each call, made at the first that goes there. `usual`: calls in flight where nothing else is said. */
export function createLanes(options: LaneOptions, usual: number): (target: CallTarget) => Lane {
  const lanes = new Map<string, Lane>();
  const secrets = [...PROVIDERS.map((name) => options[name]), ...Object.values(options.configured ?? {})]
    .map((settings) => settings?.apiKey)
    .filter((key) => key !== undefined);

  function settingsFor(
    target: CallTarget,
    { baseURL: endpoint, settings, configured }: Reach,
  ): EndpointSettings {
    const { apiKey, baseURL } = target.endpoint ?? settings;
    // An endpoint of one's own may need no key; the vendor's does, and so does one whose key has a variable.
    if (!apiKey && (!baseURL || (configured?.keyVariable !== undefined && !target.endpoint)))
      throw callFailure("no_key", { target, endpoint, configured }, "there is no API key");
    // Neither reaches the vendor's client as it should, and both would be repeated by messages.
    if (/\/\/[^/]*@|[?#]/.test(endpoint))
      throw callFailure(
        "address",
        { target, endpoint: "" },
        "the endpoint's address carries a user name, a password or parameters (?…)",
      );
    return {
      apiKey: apiKey ?? "",
      baseURL: endpoint,
      ...(configured?.azure && !target.endpoint && { azure: configured.azure }),
      ...(configured?.cloud && { cloud: configured.cloud }),
      isForeign: target.endpoint !== undefined,
      secrets: apiKey === undefined ? secrets : [apiKey, ...secrets],
      timeoutMs: options.timeoutMs ?? 120_000,
      ...(options.proxy && { proxy: options.proxy }),
    };
  }
  return (target) => {
    const reach = reachOf(options, target);
    const settings = settingsFor(target, reach);
    const key = JSON.stringify([target.provider, settings.baseURL, settings.isForeign, settings.apiKey]);
    const known = lanes.get(key);
    if (known) return known;
    const limit = pLimit(reach.settings.concurrency ?? usual);
    const lane = { limit, pause: { untilMs: 0 }, reach, settings };
    lanes.set(key, lane);
    return lane;
  };
}

/** The vendor's SDK, loaded at the first call. */
export function callerOf(lane: Lane): Promise<ProtocolCaller> {
  return (lane.caller ??= CALLERS[lane.reach.protocol](lane.settings));
}

/** Runs once there is a place in the lane. Whoever is cancelled while waiting for one is told at once, and takes none. */
export function inLane<T>(
  { limit }: Lane,
  { target, signal }: Pick<CompletionCall, "target" | "signal">,
  run: () => Promise<T>,
): Promise<T> {
  if (!signal) return limit(run);
  return new Promise<T>((resolve, reject) => {
    const gone = () =>
      reject(callFailure("cancelled", { target, endpoint: target.provider }, "the call was cancelled"));
    if (signal.aborted) return gone();
    signal.addEventListener("abort", gone, { once: true });
    void limit(async () => {
      signal.removeEventListener("abort", gone);
      if (!signal.aborted) await run().then(resolve, reject);
    });
  });
}
