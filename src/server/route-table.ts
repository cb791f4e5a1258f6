import type { AnyRoute } from "./route.ts";
import { healthz, readyz } from "./routes/health.ts";
import { readPointers, readVersion, reportServing, stream } from "./routes/resolver.ts";
import { recordOutcomes } from "./routes/outcomes.ts";

/** Everything that this server answers. Router, checks, API description and tests are made from it. */
export const ROUTES: readonly AnyRoute[] = [
  healthz,
  readyz,
  readPointers,
  readVersion,
  reportServing,
  stream,
  recordOutcomes,
];
