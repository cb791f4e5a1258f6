/** A workflow's page in Temporal's UI; null where no UI is known. */
export function workflowPage(
  uiUrl: string | undefined,
  namespace: string,
  { workflowId, runId }: { readonly workflowId: string; readonly runId: string | null },
): string | null {
  if (uiUrl === undefined) return null;
  const base = uiUrl.replace(/\/+$/, "");
  return `${base}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}${runId ? `/${runId}` : ""}`;
}
