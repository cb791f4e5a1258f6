import { sayServices } from "../../domain/plain/say-services.ts";
import type { FleetConfirmation } from "../../domain/fleet.ts";

/** How far a move has reached the services. */
export function FleetLine({ fleet }: { readonly fleet: FleetConfirmation }) {
  const { word, text } = sayServices(fleet);
  return (
    <p>
      <strong>{word}</strong> {text}
    </p>
  );
}
