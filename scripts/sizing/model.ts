/** What has been measured, on two cores that were shared; each with the command that measures it again. */
export interface Measured {
  /** Processor time of one look at a canary, in ms: of the worker, of Postgres. `npm run bench -- sizing`. */
  readonly lookWorkerMs: number;
  readonly lookPostgresMs: number;
  /** Memory of a worker with that many canaries, in MB. `npm run bench -- sizing`. */
  readonly workerMb: number;
  readonly workerCanaries: number;
  /** Processor time of one outcome that comes over HTTP, in µs: of Postgres, of the server. `npm run bench -- server`. */
  readonly outcomePostgresUs: number;
  readonly outcomeServerUs: number;
  /** Of a service that follows a server's stream, in kB. `npm run bench -- server`. */
  readonly streamKb: number;
  /** In Postgres with indexes, in bytes. `npm run bench -- storage`. */
  readonly outcomeBytes: number;
  readonly lookBytes: number;
}

export interface Installation {
  /** Processes with a resolver, which follow a server. */
  readonly services: number;
  readonly outcomesPerSecond: number;
  /** Open at once. */
  readonly canaries: number;
  /** Between two looks, in seconds. */
  readonly intervalSeconds: number;
  /** For how long outcomes are kept, in days. */
  readonly keptDays: number;
}

export interface Sizes {
  readonly postgresCores: number;
  readonly serverCores: number;
  readonly servers: number;
  readonly streamGb: number;
  readonly workerCores: number;
  readonly workers: number;
  readonly connections: number;
  /** Of outcomes and looks that are kept, in GB. */
  readonly storedGb: number;
  /** What Temporal is told a second: signs of life of watches, three an interval. */
  readonly heartbeatsPerSecond: number;
}

/** Of each core no more than this is planned with. */
const BUSY = 0.6;
const SECONDS_A_DAY = 86_400;
/** One is busy for as long as the other is away. */
const LEAST = 2;
const CONNECTIONS = { server: 20, worker: 20, others: 20 };

/** What an installation takes, by what was measured. Where it stops being true stands on the page on sizing. */
export function sizesOf(installation: Installation, measured: Measured): Sizes {
  const { services, outcomesPerSecond, canaries, intervalSeconds, keptDays } = installation;
  const looks = canaries / intervalSeconds;
  const busyCores = (perSecond: number, ms: number) => (perSecond * ms) / 1_000 / BUSY;
  const postgresCores =
    busyCores(outcomesPerSecond, measured.outcomePostgresUs / 1_000) +
    busyCores(looks, measured.lookPostgresMs);
  const serverCores = busyCores(outcomesPerSecond, measured.outcomeServerUs / 1_000);
  const workerCores = busyCores(looks, measured.lookWorkerMs);
  // A server and a worker use one core each.
  const servers = Math.max(LEAST, Math.ceil(serverCores) + 1);
  const workers = Math.max(LEAST, Math.ceil(Math.max(workerCores, canaries / measured.workerCanaries)) + 1);
  const outcomesKept = outcomesPerSecond * SECONDS_A_DAY * keptDays;
  const looksKept = looks * SECONDS_A_DAY * Math.min(keptDays, 365);
  return {
    postgresCores,
    serverCores,
    servers,
    streamGb: (services * measured.streamKb) / 2 ** 20,
    workerCores,
    workers,
    connections: servers * CONNECTIONS.server + workers * CONNECTIONS.worker + CONNECTIONS.others,
    storedGb: (outcomesKept * measured.outcomeBytes + looksKept * measured.lookBytes) / 1e9,
    heartbeatsPerSecond: (canaries * 3) / intervalSeconds,
  };
}

/** The rows of the page's table. */
export function tableOf(installation: Installation, measured: Measured): string[] {
  const sizes = sizesOf(installation, measured);
  const figure = (value: number) =>
    value >= 100 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(2)));
  const rows: readonly (readonly [string, string])[] = [
    ["Postgres", `${figure(sizes.postgresCores)} cores, ${figure(sizes.connections)} connections`],
    ["stored", `${figure(sizes.storedGb)} GB, outcomes kept for ${installation.keptDays} days`],
    [
      "servers",
      `${sizes.servers}, of which outcomes take ${figure(sizes.serverCores)} cores and streams ${figure(sizes.streamGb)} GB`,
    ],
    [
      "workers",
      `${sizes.workers} of ${measured.workerMb} MB each, of which looks take ${figure(sizes.workerCores)} cores`,
    ],
    ["Temporal", `${figure(sizes.heartbeatsPerSecond)} signs of life a second`],
  ];
  return rows.map(([part, takes]) => `| ${part} | ${takes} |`);
}
