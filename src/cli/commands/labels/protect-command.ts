import { setProtected } from "../../../use-cases/set-protected.ts";
import type { Given, RunCommand } from "../../parsing/given.ts";
import { actorOf } from "../../context.ts";
import { writing } from "../../store.ts";

/** `labels protect` and `labels unprotect`, which differ in one word. */
export function protectCommand(isProtected: boolean): RunCommand<Given<"labels protect">> {
  return async (context, given) => {
    const reason = given.requiredText("reason");
    const done = await writing(context, (db) =>
      setProtected(db, {
        label: given.required(0),
        protected: isProtected,
        reason,
        assertedActor: actorOf(context),
      }),
    );
    const state = isProtected ? "is protected" : done.changed ? "is no longer protected" : "is not protected";
    context.output.result(done, () => [`${done.changed ? "" : "nothing to do: "}${done.label} ${state}`]);
  };
}
