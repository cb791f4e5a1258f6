// What an installation takes, computed from what was measured (docs/reference/sizing.md):
//
//   npx node scripts/size-installation.ts --services 10000 --outcomes 50000 --canaries 100 --interval 30 --days 90
import { parseArgs } from "node:util";
import { MEASURED } from "./sizing/measured.ts";
import { tableOf } from "./sizing/model.ts";

const USAGE = `What an installation takes, computed from what was measured (docs/reference/sizing.md).

  --services N    that follow their prompts         [100]
  --outcomes N    that they send a second           [100]
  --canaries N    at once                           [5]
  --interval N    seconds between looks at a canary [30]
  --days N        for which outcomes are kept       [90]
`;

function end(code: number, text: string): never {
  (code === 0 ? process.stdout : process.stderr).write(text);
  process.exit(code);
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        help: { type: "boolean", short: "h" },
        services: { type: "string", default: "100" },
        outcomes: { type: "string", default: "100" },
        canaries: { type: "string", default: "5" },
        interval: { type: "string", default: "30" },
        days: { type: "string", default: "90" },
      },
    }).values;
  } catch (error) {
    return end(2, `${(error as Error).message}\n\n${USAGE}`);
  }
}

const { help, ...values } = readArguments();
if (help) end(0, USAGE);
const numbers = Object.entries(values).map(([name, text]) => {
  const value = Number(text);
  if (!(value > 0)) end(2, `--${name} must be a number above 0, not "${text}"\n`);
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
