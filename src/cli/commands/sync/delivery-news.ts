import type { ListedDelivery } from "../../../domain/shapes/delivering.ts";

/** Says of each delivery where it is, and again when that is something else. */
export function deliveryNews(say: (line: string) => void): (deliveries: readonly ListedDelivery[]) => void {
  const said = new Map<string, string>();
  return (deliveries) => {
    for (const { deliveryId, version, state, reason } of deliveries) {
      const line = `${version}: ${state.replaceAll("_", " ")}: ${reason}`;
      if (said.get(deliveryId) !== line) say(line);
      said.set(deliveryId, line);
    }
  };
}
