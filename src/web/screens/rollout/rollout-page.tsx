import type { RolloutStatus } from "../../../domain/rollout/rollout.ts";
import { useResource } from "../../data/resource.ts";
import { StateChip } from "../../parts/chip.tsx";
import { Loaded, PageHead, useTitle } from "../../parts/page.tsx";

export function RolloutPage({ rollout }: { readonly rollout: string }) {
  const found = useResource<RolloutStatus>(`/v1/rollouts/${rollout}`);
  useTitle(found.value?.candidate ?? "Rollout");
  return (
    <Loaded from={found} lines={10}>
      {(status) => (
        <PageHead title={status.candidate}>
          <p class="lead">
            <StateChip state={status.outcome ?? status.phase} /> {status.reason}
          </p>
        </PageHead>
      )}
    </Loaded>
  );
}
