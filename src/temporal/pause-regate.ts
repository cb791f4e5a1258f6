import { type Client, ScheduleNotFoundError } from "@temporalio/client";
import { regateScheduleId } from "../protocol/schedules.ts";

/** Has the schedule of a monitor that asks a golden set again begin no more runs, and says why; one that is gone is left so. */
export async function pauseRegate(client: Client, monitorId: string, why: string): Promise<void> {
  try {
    await client.schedule.getHandle(regateScheduleId(monitorId)).pause(why);
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}
