import { Socket } from "node:net";
import pg from "pg";
import { invalidInput } from "../../domain/errors.ts";
import type { ScopeColumns } from "../../domain/scope.ts";
import { scopeInHint } from "./pointer-hint.ts";
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
/** SQLSTATE classes of what passes: connections, resources, serialisation, an operator's doing. */
const PASSING = /^(?:08|40|53|55|57|58)/;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 500;

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
 * Reads from Postgres itself. One connection listens and reads, and is opened again whenever it is lost; a
 * second one writes what services record and says what is served here, and a third helps when it is busy.
 */
export class PostgresSource implements Source {
  readonly name: string;
  readonly #url: string;
  readonly #writer: pg.Pool;
  #listener: SourceListener | undefined;
  /** The connection, or the attempt at it; rejected while there is none. */
  #connection: Promise<Connection> | undefined;
  #current: Connection | undefined;
  #retryMs = FIRST_RETRY_MS;
  #retry: NodeJS.Timeout | undefined;
  #prepares = true;
  #closed = false;

  /** Connects when it is first watched or read. An address that cannot be one is `invalid_input`. */
  constructor(url: string) {
    this.#url = url;
    this.name = `Postgres at ${placeOf(url)}`;
    this.#writer = new pg.Pool({
      ...this.#settings(),
      application_name: "sluice-resolver-writer",
      // A long batch of records must not keep a rollback waiting for its confirmation.
      max: 2,
      idleTimeoutMillis: 10_000,
      query_timeout: RECORD_TIMEOUT_MS,
      allowExitOnIdle: true,
    });
    // Without these a connection that Postgres drops would end the process.
    this.#writer.on("error", () => undefined);
    this.#writer.on("connect", (client) => client.on("error", () => undefined));
  }

  watch(listener: SourceListener): void {
    this.#listener = listener;
    this.#connect();
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
    let client: pg.PoolClient | undefined;
    try {
      client = await this.#writer.connect();
      const { rows } = await client.query<{ receipt: RecordReceipt }>(
        "select sluice.record_batch($1::jsonb) as receipt",
        [batch],
      );
      client.release();
      return rows[0]!.receipt;
    } catch (error) {
      // After a time-out the connection still waits for the answer: it must not be used again.
      client?.release(true);
      const code = (error as { code?: unknown }).code;
      // Bad data, a broken constraint, too much of something: the same again cannot succeed.
      if (typeof code === "string" && /^(?:22|23|54)/.test(code))
        throw new BatchRefused((error as Error).message, { cause: error });
      throw error;
    }
  }

  async reportServing(report: string): Promise<boolean> {
    try {
      const { rows } = await this.#writer.query<{ known: boolean }>({
        text: "select sluice.report_serving($1::jsonb) as known",
        values: [report],
        query_timeout: REPORT_TIMEOUT_MS,
      } as pg.QueryConfig);
      return rows[0]!.known;
    } catch (error) {
      if (error instanceof pg.DatabaseError && !PASSING.test(error.code ?? ""))
        throw new ReportRefused(error.message, { cause: error });
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#listener = undefined;
    clearTimeout(this.#retry);
    this.#current?.end();
    await this.#writer.end();
  }

  async #query<Row>(text: string, values: readonly unknown[], name?: string): Promise<Row[]> {
    if (this.#closed) throw new Error("the source has been closed");
    if (!this.#connection) this.#connect();
    const connection = await this.#connection!;
    try {
      const query = { text, values: values as unknown[], ...(name !== undefined && { name }) };
      const { rows } = await connection.client.query(query);
      return rows as Row[];
    } catch (error) {
      // No SQLSTATE: it is the connection's failure, or nothing came back in time.
      if ((error as { code?: string }).code === undefined) connection.end(error);
      throw error;
    }
  }

  /** Opens the connection, and again later if that fails; `connected` or `lost` is told. */
  #connect(): void {
    if (this.#closed) return;
    clearTimeout(this.#retry);
    const opening = this.#open();
    this.#connection = opening;
    opening.then(
      (connection) => {
        this.#retryMs = FIRST_RETRY_MS;
        this.#current = connection;
        this.#listener?.connected();
      },
      (error: unknown) => this.#lost(error),
    );
  }

  #lost(error: unknown): void {
    this.#current = undefined;
    if (this.#closed) return;
    this.#listener?.lost(error);
    this.#retry = setTimeout(() => this.#connect(), this.#retryMs * (0.5 + Math.random() / 2));
    this.#retryMs = Math.min(LAST_RETRY_MS, this.#retryMs * 2);
  }

  async #open(): Promise<Connection> {
    const socket = new Socket();
    const client = new pg.Client({
      ...this.#settings(),
      stream: () => socket,
      query_timeout: READ_TIMEOUT_MS,
    });
    let opened = false;
    let ended = false;
    const end = (error?: unknown) => {
      if (ended) return;
      ended = true;
      socket.destroy();
      if (opened) this.#lost(error ?? new Error("the connection was closed"));
    };
    client.on("error", end);
    client.on("end", () => end());
    client.on("notification", ({ payload }) => this.#listener?.moved(scopeInHint(payload)));
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
    } catch (error) {
      end(error);
      throw error;
    }
    // Closed by somebody while it was being opened.
    if (ended || this.#closed) {
      socket.destroy();
      throw new Error("the connection was closed");
    }
    opened = true;
    return { client, end };
  }

  #settings(): pg.ClientConfig {
    return {
      connectionString: this.#url,
      application_name: "sluice-resolver",
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
    };
  }
}

interface Connection {
  readonly client: pg.Client;
  readonly end: (error?: unknown) => void;
}

/** Host, port and database, without the password. */
function placeOf(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url);
    return `${hostname || "the local socket"}:${port || "5432"}${pathname}`;
  } catch {
    throw invalidInput(
      "the source is not a valid address; write postgres://user:password@host:5432/database",
    );
  }
}
