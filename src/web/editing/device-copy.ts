import type { Draft } from "./draft.ts";

/** What was typed and is not known to be on the server. */
export interface DeviceCopy {
  readonly draft: Draft;
  /** Of the draft on the server that it was typed into; null: there is none yet. */
  readonly revision: number | null;
  /** So that a draft whose opening was not answered is opened once. */
  readonly operation: string;
}

const PREFIX = "sluice.draft";

/** The place of one draft of one person: nobody else who signs in on this device is shown it. */
export function devicePlace(owner: string, prompt: string, draft: string): string {
  return `${PREFIX} ${JSON.stringify([owner, prompt, draft])}`;
}

export function readDeviceCopy(place: string): DeviceCopy | undefined {
  const kept = localStorage.getItem(place);
  if (kept === null) return undefined;
  try {
    return JSON.parse(kept) as DeviceCopy;
  } catch {
    return undefined;
  }
}

/** False where the device has no room: what is typed is then on the page alone, until it is saved. */
export function keepDeviceCopy(place: string, copy: DeviceCopy): boolean {
  try {
    localStorage.setItem(place, JSON.stringify(copy));
    return true;
  } catch {
    return false;
  }
}

export function dropDeviceCopy(place: string): void {
  localStorage.removeItem(place);
}
