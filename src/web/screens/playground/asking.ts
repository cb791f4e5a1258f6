import type { ListedVersion } from "../../../domain/shapes/versions.ts";
import type { Column } from "./columns.ts";
import type { LoadedSubject } from "./subject.ts";

export function nameOfSubject(subject: LoadedSubject, index: number): string {
  return subject && "asked" in subject ? subject.name : `Column ${index + 1}`;
}

export function bodyOf(
  prompt: string,
  { model, temperature }: Column,
  subject: LoadedSubject,
  values: Readonly<Record<string, unknown>>,
): object | undefined {
  if (!subject || "failed" in subject) return undefined;
  const params = temperature === "" ? undefined : { ...subject.params, temperature: Number(temperature) };
  return { prompt, ...subject.asked, values, ...(model !== "" && { model }), ...(params && { params }) };
}

/** The newest version, beside what is live where that is another one. */
export function usualColumns(versions: readonly ListedVersion[]): Column[] {
  const [newest] = versions;
  const live = versions.find((one) => one.live.length > 0 && one !== newest);
  return [newest, live].flatMap((one) =>
    one ? [{ of: { version: one.version }, model: "", temperature: "" }] : [],
  );
}

export function nextColumn(columns: readonly Column[], versions: readonly ListedVersion[]): Column {
  const isThere = ({ version }: ListedVersion) =>
    columns.some(({ of }) => "version" in of && of.version === version);
  const next = versions.find((one) => !isThere(one)) ?? versions[0];
  return { of: { version: next?.version ?? 1 }, model: "", temperature: "" };
}
