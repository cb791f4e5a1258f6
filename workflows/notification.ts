import { setWorkflowOptions } from "@temporalio/workflow";
import { rootOf } from "./ending.ts";
import { insistent, notifications } from "./proxies.ts";

setWorkflowOptions({ failureExceptionTypes: [Error] }, rolloutNotification);

/** Tells the webhooks of a rollout's policy how it ended. Those that do not take it are a dead letter. */
export async function rolloutNotification({ rolloutId }: { readonly rolloutId: string }): Promise<void> {
  try {
    await notifications.notify.executeWithOptions({ summary: "call the webhooks" }, [{ rolloutId }]);
  } catch (error) {
    const { message, code, attempts } = rootOf(error);
    await insistent.fileDeadLetter.executeWithOptions({ summary: "dead letter: notify" }, [
      { rolloutId, operation: "notify", code, message, attempts },
    ]);
  }
}
