import type { Config } from "../config.ts";
import { machineUser } from "../client/machine-user.ts";
import type { Output } from "../terminal/output.ts";

/** What a command is given besides its arguments. */
export interface CommandContext {
  /** Its name, as it is typed: `rollout start`. */
  readonly command: string;
  readonly output: Output;
  /** Reading it fails with `invalid_input` where the environment is wrong. */
  readonly config: Config;
  readonly cwd: string;
  /** Aborted by Ctrl-C, SIGTERM, and when the reader of stdout has gone away. */
  readonly signal: AbortSignal;
  /**
   * From here on the first Ctrl-C only aborts {@link signal}, and the command ends by itself. Without this a
   * command ends at once: whatever it had not committed has not happened.
   */
  endsItself(): void;
}

/** Who is at work, as far as the environment and the machine say. */
export function actorOf({ config }: Pick<CommandContext, "config">): string {
  return config.actor ?? machineUser();
}
