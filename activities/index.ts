import { activityInfo } from "@temporalio/activity";
import { aroundEach } from "./around-each.ts";
import { assessmentActivities } from "./assessments.ts";
import { deadLetterActivities, type DeadLetterParts } from "./dead-letters.ts";
import { deliveryActivities, type DeliveryParts } from "./deliveries.ts";
import { evaluationActivities, type EvaluationParts } from "./evaluations.ts";
import { withFailures } from "./failures.ts";
import { withHeartbeats } from "./heartbeats.ts";
import { withLog } from "./log.ts";
import { notificationActivities } from "./notifications.ts";
import { ownWork } from "./own-work.ts";
import { inActivitySpan } from "./trace.ts";
import { pointerActivities } from "./pointers.ts";
import { propagationActivities } from "./propagations.ts";
import { regateActivities, type RegateParts } from "./regates.ts";
import { retentionActivities, type RetentionParts } from "./retention.ts";
import { rolloutActivities } from "./rollouts.ts";
import { triageActivities } from "./triages.ts";

export type ActivityParts = EvaluationParts & DeliveryParts & RetentionParts & DeadLetterParts & RegateParts;

/** All activities, bound to the parts that they work with. */
export function createActivities(parts: ActivityParts) {
  const activities = {
    ...rolloutActivities(parts),
    ...evaluationActivities(parts),
    ...pointerActivities(parts),
    ...assessmentActivities(parts),
    ...deadLetterActivities(parts),
    ...notificationActivities(parts),
    ...deliveryActivities(parts),
    ...propagationActivities(parts),
    ...retentionActivities(parts),
    ...regateActivities(parts),
    ...triageActivities(parts),
  };
  const assertOwn = ownWork(parts.db);
  return aroundEach(activities, (run, subject) =>
    withHeartbeats(() =>
      withLog(parts.log, (about) =>
        withFailures(async () => {
          const known = await assertOwn(subject);
          about(known);
          return inActivitySpan(known, run);
        }, activityInfo().attempt),
      ),
    ),
  );
}

export type Activities = ReturnType<typeof createActivities>;
