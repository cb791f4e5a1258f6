import { subscribe } from "node:diagnostics_channel";
import { collectDefaultMetrics, Counter, Gauge, Histogram } from "prom-client";
import {
  LOOK_TAKEN,
  type LookTaken,
  MODEL_ASKED,
  type ModelAsked,
  MOVE_TRIED,
  type MoveTried,
  REQUEST_ANSWERED,
  type RequestAnswered,
} from "./channels.ts";
import { VERDICTS } from "../domain/rollout/verdict.ts";
import type { Metrics } from "./metrics.ts";
import { RequestDurations } from "./request-durations.ts";

/** In seconds. */
const MODEL_BUCKETS = [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 120];

/** Which part of an installation a process is. */
export type Part = "server" | "worker";

/** Counts what this process does from now on, named by the rules of OpenMetrics; never a prompt, a unit or a text. */
export function countHappenings(registry: Metrics, part: Part): void {
  const counted = { registers: [registry] };
  collectDefaultMetrics({ register: registry });
  new Gauge({
    ...counted,
    name: "sluice_process_info",
    help: "1 for this process, by the part of the installation that it is",
    labelNames: ["part"],
  }).set({ part }, 1);
  const requests = RequestDurations.of(registry);
  const moves = new Counter({
    ...counted,
    name: "sluice_pointer_moves",
    help: "Pointers that this process tried to move, by what came of it",
    labelNames: ["action", "result"],
  });
  const looks = new Counter({
    ...counted,
    name: "sluice_rollout_looks",
    help: "Looks at the evidence of rollouts, by verdict",
    labelNames: ["verdict"],
  });
  // The first of its kind is an increase too.
  for (const verdict of VERDICTS) looks.inc({ verdict }, 0);
  const asked = new Histogram({
    ...counted,
    name: "sluice_model_call_duration_seconds",
    help: "How long attempts to ask a model took, by provider and by what came of it",
    labelNames: ["provider", "result"],
    buckets: MODEL_BUCKETS,
  });
  on<RequestAnswered>(REQUEST_ANSWERED.name, (answered) => requests.observe(answered));
  on<MoveTried>(MOVE_TRIED.name, ({ action, result }) => moves.inc({ action, result }));
  on<LookTaken>(LOOK_TAKEN.name, ({ verdict }) => looks.inc({ verdict }));
  on<ModelAsked>(MODEL_ASKED.name, ({ provider, result, ms }) =>
    asked.observe({ provider, result }, ms / 1_000),
  );
}

function on<Message>(name: string | symbol, count: (message: Message) => void): void {
  subscribe(name, (message) => count(message as Message));
}
