import { rolloutsPlaceOf } from "../../../client/configured-sluice.ts";
import { requireDatabaseUrl } from "../../../config.ts";
import { examine } from "../../../doctor/examine.ts";
import { type Check, type Examination, needsALook } from "../../../domain/shapes/examination.ts";
import { openContents } from "../../../outbound/contents/open-contents.ts";
import { openDatabase } from "../../../storage/database.ts";
import { readTemporalFacts } from "../../../temporal/read-facts.ts";
import { configureProviders } from "../../../use-cases/configure-providers.ts";
import type { CommandContext } from "../../context.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import { wrap } from "../../../terminal/text-layout.ts";
import { sluiceVersion } from "../../version.ts";

const EXIT_OF = { ok: EXIT.yes, todo: EXIT.no, down: EXIT.unavailable } as const;

/** Exit code 1 when there is something to do, 5 when a part cannot be reached. */
export async function run({ config, output, signal }: CommandContext): Promise<number> {
  const url = requireDatabaseUrl(config);
  const db = openDatabase(url, { max: 2, contents: config.contents && openContents(config.contents) });
  try {
    const { address, taskQueue } = rolloutsPlaceOf(config);
    const examination = await examine({
      db,
      url,
      listenUrl: config.databaseListenUrl,
      version: sluiceVersion(),
      readProviders: () => configureProviders(config),
      readTemporal: () => readTemporalFacts(address, taskQueue),
      signal,
    });
    output.result(examination, () => linesOf(examination, output.width));
    return EXIT_OF[examination.state];
  } finally {
    await db.destroy();
  }
}

/** As wide as a mark and what stands around it. */
const INDENT = " ".repeat(9);
const MARK = { ok: "ok   ", note: "note ", todo: "TO DO", down: "DOWN " } as const;

function linesOf({ checks, state }: Examination, width: number): string[] {
  const open = checks.filter(needsALook).length;
  return [
    ...checks.flatMap((check, index) => [
      ...(check.part === checks[index - 1]?.part ? [] : index === 0 ? [check.part] : ["", check.part]),
      ...linesOfCheck(check, width),
    ]),
    "",
    state === "ok" ? "all is well" : `${open} of ${checks.length} need${open === 1 ? "s" : ""} a look`,
  ];
}

function linesOfCheck({ state, name, said, todo }: Check, width: number): string[] {
  const [first = "", ...more] = wrap(`${name}: ${said}`, width, INDENT);
  return [
    `  ${MARK[state]}  ${first.trimStart()}`,
    ...more,
    ...(todo === null ? [] : wrap(`-> ${todo}`, width, INDENT)),
  ];
}
