import { assessmentActivities } from "./assessments.ts";
import { deadLetterActivities } from "./dead-letters.ts";
import { evaluationActivities, type EvaluationParts } from "./evaluations.ts";
import { withFailures } from "./failures.ts";
import { notificationActivities } from "./notifications.ts";
import { pointerActivities } from "./pointers.ts";
import { rolloutActivities } from "./rollouts.ts";

export type ActivityParts = EvaluationParts;

/** All activities, bound to the parts that they work with. */
export function createActivities(parts: ActivityParts) {
  return withFailures({
    ...rolloutActivities(parts),
    ...evaluationActivities(parts),
    ...pointerActivities(parts),
    ...assessmentActivities(parts),
    ...deadLetterActivities(parts),
    ...notificationActivities(parts),
  });
}

export type Activities = ReturnType<typeof createActivities>;
