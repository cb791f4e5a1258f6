import pg from "pg";
import { type PostgresAddress, readPostgresAddress } from "../../domain/addresses/postgres-address.ts";
import type { CircuitAnswer, CircuitExchange } from "../../domain/models/circuits.ts";
import type { SpentBudget } from "../../domain/monitors/spent-budget.ts";
import type { ScopeColumns } from "../../domain/scope.ts";
import { scopeInHint } from "./pointer-hint.ts";
import { KeptConnection, TOO_MANY_CONNECTIONS } from "./kept-connection.ts";
import { run } from "./postgres-connection.ts";
import { ReportRefused } from "./serving-report.ts";
import {
  BatchRefused,
  type RecordReceipt,
  type Source,
  type SourceAnswer,
  type SourceListener,
  type SourceQuery,
  type SourceVersion,
  type VersionQuery,
} from "./source.ts";

const CHANNEL = "sluice_pointers";
const CONNECT_TIMEOUT_MS = 2_000;
/** A frozen server closes no connection: a read that takes this long gives it up. */
const READ_TIMEOUT_MS = 4_000;
const RECORD_TIMEOUT_MS = 15_000;
const REPORT_TIMEOUT_MS = 4_000;
/** SQLSTATE classes of what passes: connections, read-only for a moment, resources, serialisation, an operator's doing. */
const PASSING = /^(?:08|25|40|53|55|57|58)/;
/** How long a read waits behind a write before it takes a connection of its own. */
const PATIENCE_MS = 100;
/** How often a resolver looks for moves while a write hangs. */
const LOOK_MS = 500;
/** The greatest number that a version's column holds. */
const MAX_NUMBER = 2_147_483_647;

/** Not known (26000), known already (42P05): a pooler changes connections underneath; 0A000: a table has changed. */
const NO_STATEMENT = new Set(["26000", "42P05", "0A000"]);

/** One statement, so that pointers and versions are of one moment, and a cold read one round trip. */
const READ = `
  with p as materialized (
    select p.label, p.prompt, p.model, p.tenant,
      p.active_version as "activeVersion", p.previous_version as "previousVersion",
      p.candidate_version as "candidateVersion", p.mode, p.share, p.salt, p.epoch,
      p.rollout_id as "rolloutId", p.revision,
      coalesce(greatest(0, extract(epoch from p.lease_until - clock_timestamp()) * 1000), 0)::float8 as "leaseMs"
    from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as asked (label, prompt, model, tenant)
    join sluice.pointers p using (label, prompt, model, tenant)
  ), v as materialized (
    select distinct named.id
    from p, lateral (values (p."activeVersion"), (p."candidateVersion"),
                            (case when p.mode = 'holdback' then p."previousVersion" end)) as named (id)
    where named.id is not null and named.id <> all ($5::uuid[])
  )
  select
    (select coalesce(json_agg(p), '[]') from p) as pointers,
    (select coalesce(json_agg(json_build_object('id', s.id, 'prompt', s.prompt, 'number', s.number,
                                                'sha256', s.sha256, 'artifact', s.artifact)), '[]')
     from v join sluice.versions s using (id)) as versions`;

/**
 * Reads from Postgres itself, over one connection: it listens, reads, and writes what services record, one
 * write at a time, and is opened again whenever it is lost. Only while a write hangs do reads take a second
 * one for a moment, where there is one to be had: a slow batch keeps no rollback waiting.
 */
export class PostgresSource implements Source {
  readonly name: string;
  readonly #address: PostgresAddress;
  readonly #spare: pg.Pool;
  #listener: SourceListener | undefined;
  readonly #connection: KeptConnection;
  #prepares = true;
  /** Settles with the write that is under way. */
  #writing: Promise<void> | undefined;

  /** Connects when it is first watched or read. An address that cannot be one is `invalid_input`. */
  constructor(url: string) {
    this.#address = readPostgresAddress(url, "the source");
    this.name = `Postgres at ${this.#address.where}`;
    this.#spare = new pg.Pool({
      ...this.#settings(),
      max: 1,
      idleTimeoutMillis: 1_000,
      query_timeout: READ_TIMEOUT_MS,
      allowExitOnIdle: true,
    });
    // Without these a connection that Postgres drops would end the process.
    this.#spare.on("error", () => undefined);
    this.#spare.on("connect", (client) => client.on("error", () => undefined));
    this.#connection = new KeptConnection({
      settings: { ...this.#settings(), query_timeout: READ_TIMEOUT_MS },
      channel: CHANNEL,
      onNotification: (payload) => this.#listener?.moved(scopeInHint(payload)),
      onConnected: () => this.#listener?.connected(),
      onDisconnected: (error) => this.#listener?.disconnected(error),
    });
  }

  watch(listener: SourceListener): void {
    this.#listener = listener;
    this.#connection.open();
  }

  async read({ scopes, have }: SourceQuery): Promise<SourceAnswer> {
    const column = (name: keyof ScopeColumns) => scopes.map((scope) => scope[name]);
    const values = [column("label"), column("prompt"), column("model"), column("tenant"), have];
    const rows = await this.#readPrepared(values);
    return rows[0]!;
  }

  /** Planning takes longer than the reading. A pooler that knows no prepared statements gets a plain one. */
  async #readPrepared(values: readonly unknown[]): Promise<SourceAnswer[]> {
    if (!this.#prepares) return this.#query<SourceAnswer>(READ, values);
    try {
      return await this.#query<SourceAnswer>(READ, values, "sluice_resolver_read");
    } catch (error) {
      if (!NO_STATEMENT.has((error as { code?: string }).code ?? "")) throw error;
      this.#prepares = false;
      return this.#query<SourceAnswer>(READ, values);
    }
  }

  async readVersion(which: VersionQuery): Promise<SourceVersion | undefined> {
    if ("number" in which && which.number > MAX_NUMBER) return undefined;
    const columns = "select id, prompt, number, sha256, artifact from sluice.versions";
    const rows =
      "id" in which
        ? await this.#query<SourceVersion>(`${columns} where id = $1`, [which.id])
        : await this.#query<SourceVersion>(`${columns} where prompt = $1 and number = $2`, [
            which.prompt,
            which.number,
          ]);
    return rows[0];
  }

  async record(batch: string): Promise<RecordReceipt> {
    try {
      const text = "select sluice.record_batch($1::jsonb) as receipt";
      const query = { text, values: [batch], query_timeout: RECORD_TIMEOUT_MS };
      const rows = await this.#write<{ receipt: RecordReceipt }>(query);
      return rows[0]!.receipt;
    } catch (error) {
      const code = (error as { code?: unknown }).code;
      // Bad data, a broken constraint, too much of something: the same again cannot succeed.
      if (typeof code === "string" && /^(?:22|23|54)/.test(code))
        throw new BatchRefused((error as Error).message, { cause: error });
      throw error;
    }
  }

  async reportServing(report: string): Promise<boolean> {
    try {
      const text = "select sluice.report_serving($1::jsonb) as known";
      const query = { text, values: [report], query_timeout: REPORT_TIMEOUT_MS };
      const rows = await this.#aside<{ known: boolean }>(query, () => this.#write(query));
      return rows[0]!.known;
    } catch (error) {
      if (error instanceof pg.DatabaseError && !PASSING.test(error.code ?? ""))
        throw new ReportRefused(error.message, { cause: error });
      throw error;
    }
  }

  async exchangeCircuits(exchange: CircuitExchange): Promise<CircuitAnswer | undefined> {
    const text = "select sluice.exchange_circuits($1::jsonb) as answer";
    const query = { text, values: [JSON.stringify(exchange)], query_timeout: REPORT_TIMEOUT_MS };
    try {
      const rows = await this.#aside<{ answer: CircuitAnswer }>(query, () => this.#write(query));
      return rows[0]!.answer;
    } catch (error) {
      // A store of an earlier release, or a role without the right to.
      if (error instanceof pg.DatabaseError && !PASSING.test(error.code ?? "")) return undefined;
      throw error;
    }
  }

  async readSpentBudgets(): Promise<readonly SpentBudget[] | undefined> {
    const query = { text: "select sluice.spent_budgets() as spent", query_timeout: REPORT_TIMEOUT_MS };
    try {
      const rows = await this.#aside<{ spent: SpentBudget[] }>(query, () => this.#write(query));
      return rows[0]!.spent;
    } catch (error) {
      // A store of an earlier release, or a role without the right to.
      if (error instanceof pg.DatabaseError && !PASSING.test(error.code ?? "")) return undefined;
      throw error;
    }
  }

  async reportCallers(report: string): Promise<boolean | undefined> {
    const text = "select sluice.report_callers($1::jsonb) as taken";
    const query = { text, values: [report], query_timeout: REPORT_TIMEOUT_MS };
    try {
      const rows = await this.#aside<{ taken: boolean }>(query, () => this.#write(query));
      return rows[0]!.taken;
    } catch (error) {
      if (error instanceof pg.DatabaseError && !PASSING.test(error.code ?? "")) return undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#listener = undefined;
    this.#connection.close();
    await this.#spare.end();
  }

  /** One after the other, so that a read never waits behind more than one. */
  async #write<Row>(query: pg.QueryConfig): Promise<Row[]> {
    while (this.#writing) await this.#writing;
    const writing = this.#connection.ready().then((connection) => run<Row>(connection, query));
    // Postgres notifies no connection that is at work: what may have moved meanwhile has to be looked for.
    const look = setInterval(() => this.#listener?.moved(), LOOK_MS).unref();
    this.#writing = writing.then(noop, noop).then(() => {
      clearInterval(look);
      this.#writing = undefined;
    });
    return writing;
  }

  async #query<Row>(text: string, values: readonly unknown[], name?: string): Promise<Row[]> {
    const query = { text, values: values as unknown[], ...(name !== undefined && { name }) };
    const connection = await this.#connection.ready();
    return this.#aside(query, () => run<Row>(connection, query));
  }

  /** Over the spare connection while a write hangs and there is one to be had, or else as `main` does it. */
  async #aside<Row>(query: pg.QueryConfig, main: () => Promise<Row[]>): Promise<Row[]> {
    if (!(await this.#isBusy())) return main();
    try {
      return (await this.#spare.query(query)).rows as Row[];
    } catch (error) {
      if ((error as { code?: string }).code !== TOO_MANY_CONNECTIONS) throw error;
      return main();
    }
  }

  /** Whether a write has not come to its end after a moment's patience. */
  async #isBusy(): Promise<boolean> {
    const writing = this.#writing;
    if (!writing) return false;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<true>((resolve) => (timer = setTimeout(resolve, PATIENCE_MS, true)));
    const isLate = await Promise.race([late, writing.then(() => false)]);
    clearTimeout(timer);
    return isLate;
  }

  #settings(): pg.ClientConfig {
    return {
      connectionString: this.#address.connectionString,
      application_name: "sluice-resolver",
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
    };
  }
}

const noop = () => undefined;
