/** Where something is served, in words: `production`, `production, tenant acme`. */
export function scopeName(scope: {
  readonly label: string;
  readonly model: string | null;
  readonly tenant: string | null;
}): string {
  const parts = [scope.label];
  if (scope.tenant !== null) parts.push(`tenant ${scope.tenant}`);
  if (scope.model !== null) parts.push(`model ${scope.model}`);
  return parts.join(", ");
}
