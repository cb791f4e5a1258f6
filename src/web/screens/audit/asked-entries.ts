const PASSED_ON = ["prompt", "rollout", "label", "actor", "action"] as const;
const DAY_MS = 86_400_000;

/** What the address asks for, as the API takes it: its days are the reader's, and the last one is in it. */
export function askedOf(query: URLSearchParams): Readonly<Record<string, string>> {
  const asked: Record<string, string> = {};
  for (const name of PASSED_ON) {
    const value = query.get(name);
    if (value) asked[name] = value;
  }
  const from = dayOf(query.get("from"));
  const to = dayOf(query.get("to"));
  if (from) asked["from"] = from.toISOString();
  if (to) asked["to"] = new Date(to.getTime() + DAY_MS).toISOString();
  return asked;
}

/** When a day begins where the reader is; undefined where the text is none. */
function dayOf(text: string | null): Date | undefined {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text ?? "") ? new Date(`${text}T00:00`) : undefined;
  return day && !Number.isNaN(day.getTime()) ? day : undefined;
}
