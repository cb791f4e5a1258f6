import { join } from "node:path";
import { readLocalMachine } from "../../../config.ts";
import { wordFor } from "../../../domain/text/counted.ts";
import { orHangUp, untilAborted } from "../../../local/processes/stop-request.ts";
import type { Stack } from "../../../local/stack/stack.ts";
import { withStack } from "../../../local/stack/with-stack.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import { Interrupted } from "../../../terminal/interruption.ts";

/** Runs the parts in the foreground until it is asked to stop. */
export async function run(context: CommandContext, given: Given<"dev">): Promise<number> {
  context.endsItself();
  const { output, cwd } = context;
  const machine = readLocalMachine();
  const signal = orHangUp(context.signal, machine.environment);
  try {
    await withStack(
      {
        directory: cwd,
        machine,
        persistent: true,
        modelServer: given.flag("modelServer"),
        onProgress: (line) => output.progress(line),
        signal,
      },
      async (stack) => {
        const { databaseUrl, temporalAddress, uiUrl, modelServerUrl, serverUrl, signInUrl } = stack;
        output.result(
          {
            databaseUrl,
            temporalAddress,
            uiUrl,
            modelServerUrl: modelServerUrl ?? null,
            serverUrl,
            signInUrl,
            keyFile: KEY_FILE,
            pids: stack.pids(),
          },
          () => described(stack),
        );
        for (const line of elsewhere()) output.note(line);
        await untilAborted(signal);
      },
    );
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Interrupted("interrupted before all parts had started; those that had are stopped", signal);
  }
  return EXIT.yes;
}

/** Where the key is that the server takes: it is shown to whoever may read the file. */
const KEY_FILE = join(".sluice", "dev.json");

function described(stack: Stack): string[] {
  const { databaseUrl, temporalAddress, uiUrl, modelServerUrl, serverUrl, signInUrl } = stack;
  return [
    "",
    `Dashboard        ${signInUrl}`,
    "                 (the link signs you in, and works once)",
    `Temporal's page  ${uiUrl || "of your own Temporal"}`,
    `Temporal         ${temporalAddress}`,
    `Postgres         ${databaseUrl}`,
    `model server     ${modelServerUrl ?? "none"}`,
    `HTTP server      ${serverUrl}, key: serverKey in ${KEY_FILE}`,
    "",
    "sluice commands in this folder use these. The data is in .sluice/. Ctrl-C stops everything.",
  ];
}

/** What makes commands of this shell use something else than what has just been started. */
function elsewhere(): string[] {
  const { environment } = readLocalMachine();
  const set = ["DATABASE_URL", "DATABASE_URL_FILE", "TEMPORAL_ADDRESS"].filter((name) =>
    environment[name]?.trim(),
  );
  if (set.length === 0) return [];
  return [
    `${set.join(" and ")} ${wordFor(set.length, "is", "are")} set here: commands use what that names instead.`,
  ];
}
