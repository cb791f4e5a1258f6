/** Model calls as activities of a service's own Temporal worker. */
export { invokeActivities, type InvokeActivities, type InvokeActivityOptions } from "./invoke-activities.ts";
export type { ModelInvocation, ModelInvokeRequest } from "./model-invocation.ts";
