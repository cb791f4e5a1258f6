// What an installation takes, computed from what was measured (docs/reference/sizing.md):
//
//   npx node scripts/size-installation.ts --services 10000 --outcomes 50000 --canaries 100 --interval 30 --days 90
import { parseArgs } from "node:util";
import { MEASURED } from "./sizing/measured.ts";
import { tableOf } from "./sizing/model.ts";

const { values } = parseArgs({
  options: {
    services: { type: "string", default: "100" },
    outcomes: { type: "string", default: "100" },
    canaries: { type: "string", default: "5" },
    interval: { type: "string", default: "30" },
    days: { type: "string", default: "90" },
  },
});
const numbers = Object.entries(values).map(([name, text]) => {
  const value = Number(text);
  if (!(value > 0)) {
    process.stderr.write(`--${name} must be a number above 0, not "${text}"\n`);
    process.exit(2);
  }
  return [name, value] as const;
});
const { services, outcomes, canaries, interval, days } = Object.fromEntries(numbers) as Record<
  keyof typeof values,
  number
>;
const installation = {
  services,
  outcomesPerSecond: outcomes,
  canaries,
  intervalSeconds: interval,
  keptDays: days,
};
process.stdout.write(`${tableOf(installation, MEASURED).join("\n")}\n`);
