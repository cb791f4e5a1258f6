import { withAnswering } from "../domain/monitors/answering.ts";
import type { LookLine } from "../domain/monitors/look-line.ts";
import type { Transaction } from "../storage/database.ts";
import { answeredSince } from "../storage/read/answering.ts";
import { keepAnswering } from "../storage/write/regates.ts";

const HOUR_MS = 3_600_000;

/**
 * Has the tests of what is live asked again at once, where they are asked by the clock, when most of its calls of this hour
 * and the last are answered by a model whose name has not had them before. Gives what there is to say.
 */
export async function watchAnswering(transaction: Transaction, now: Date): Promise<LookLine[]> {
  const since = new Date((Math.floor(now.getTime() / HOUR_MS) - 1) * HOUR_MS);
  const lines: LookLine[] = [];
  for (const { id, prompt, label, version, known, ...counted } of await answeredSince(transaction, since)) {
    const found = withAnswering(known, counted);
    if (!found) continue;
    const { answering, isChange } = found;
    await keepAnswering(transaction, id, { answering, isDue: isChange });
    if (isChange)
      lines.push({
        prompt,
        line: `${counted.name} answers ${version} in ${label}, it was ${known?.names.at(-1)}: its tests are asked again`,
        isBad: false,
      });
  }
  return lines;
}
