import type { Assessment, Evidence } from "../../domain/rollout/verdict.ts";
import type { Output } from "../../terminal/output.ts";
import { columns, figure, wrap } from "../../terminal/text-layout.ts";

/** A decision with every number that it compared: what was reached, and what would have been needed. */
export function decisionLines(
  { verdict, reason, evidence, information, splitLogE, alerts }: Assessment,
  { width }: Pick<Output, "width">,
): string[] {
  return [
    ...wrap(`${verdict}: ${reason}`, width),
    ...columns(
      [
        { head: "metric" },
        { head: "units", align: "right" },
        { head: "p of harm", align: "right" },
        { head: "harm at", align: "right" },
        { head: "z", align: "right" },
        { head: "needed", align: "right" },
        { head: "verdict" },
      ],
      evidence.map((line) => [
        `${line.metric} (${line.role})`,
        `${line.n.candidate}+${line.n.control}`,
        tail(line.p),
        tail(line.alpha ?? null),
        figure(line.z),
        needed(line),
        line.verdict.replaceAll("_", " "),
      ]),
      width,
    ),
    ...wrap(
      `${figure(information * 100)} % of the planned units; odds against an even split ${odds(splitLogE)} to 1 (held at 100, invalid at 1,000)`,
      width,
    ),
    ...evidence.flatMap(({ limit }) => (limit ? wrap(`limit: ${limit}`, width) : [])),
    ...alerts.flatMap((alert) => wrap(`alert: ${alert}`, width)),
  ];
}

function needed({ role, z, boundary }: Evidence): string {
  if (boundary !== null) return figure(boundary);
  return z === null || role === "fuse" ? "-" : "not tested";
}

/** A small probability, without a row of noughts. */
function tail(p: number | null): string {
  if (p === null) return "-";
  return p > 0 && p < 1e-4 ? p.toExponential(0) : figure(p);
}

function odds(logE: number): string {
  return logE > 20 ? "over 1e8" : figure(Math.exp(Math.max(-20, logE)));
}
