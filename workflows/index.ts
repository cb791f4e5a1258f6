/** The bundle's entry: one named export a workflow. */
export { promptRollout } from "./rollout.ts";
export { promptEvaluation } from "./evaluation.ts";
export { rolloutNotification } from "./notification.ts";
export { deadLetterSweep } from "./dead-letter-sweep.ts";
export { retention } from "./retention.ts";
export { promptDelivery } from "./delivery.ts";
export { propagateDependant, propagateInclude } from "./propagation.ts";
export { regate } from "./regate.ts";
export { triage } from "./triage.ts";
