/** What is to be rolled out, and where: what the page's address says. */
export interface StartPlace {
  readonly version: number;
  readonly label: string;
  readonly tenant: string | null;
  readonly model: string | null;
}

/** Of an address; a version that is not named there is undefined. */
export function placeOf(
  address: string,
): Omit<StartPlace, "version"> & { readonly version: number | undefined } {
  const query = new URLSearchParams(address.split("?")[1]);
  const version = Number(query.get("version"));
  return {
    version: Number.isSafeInteger(version) && version > 0 ? version : undefined,
    label: query.get("label") ?? "production",
    tenant: query.get("tenant"),
    model: query.get("model"),
  };
}

/** The page's address with another place. */
export function addressOf(path: string, { version, label, tenant, model }: Partial<StartPlace>): string {
  const query = new URLSearchParams();
  if (version !== undefined) query.set("version", String(version));
  if (label !== undefined && label !== "production") query.set("label", label);
  if (tenant) query.set("tenant", tenant);
  if (model) query.set("model", model);
  const text = query.toString();
  return text === "" ? path : `${path}?${text}`;
}

/** For a command line: of the place what is not the usual. */
export function placeOptions({ label, tenant, model }: Omit<StartPlace, "version">): string {
  return [
    ...(label === "production" ? [] : [` --label ${label}`]),
    ...(tenant === null ? [] : [` --tenant ${tenant}`]),
    ...(model === null ? [] : [` --model ${model}`]),
  ].join("");
}
