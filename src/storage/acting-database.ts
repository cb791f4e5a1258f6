import {
  CompiledQuery,
  type DatabaseConnection,
  Kysely,
  PostgresDialect,
  PostgresDriver,
  type TransactionSettings,
} from "kysely";
import { SluiceError } from "../domain/errors.ts";
import { contentsOf, useContents } from "./contents.ts";
import { type Database, poolOf } from "./database.ts";
import type { Tables } from "./tables.ts";

export interface KeyShown {
  readonly id: string;
  readonly proof: Buffer;
}

/**
 * The same database for somebody who has shown a key: each of its transactions, and each attempt at one, begins by
 * showing the key to Postgres, so that what is audited in it names them by proof. A key that is no longer good is
 * `forbidden`, and the transaction does not begin. It shares the pool, and need not be closed.
 */
export function actingAs(db: Database, key: KeyShown): Database {
  const acting = new Kysely<Tables>({ dialect: new ActingDialect(db, key) }).withSchema("sluice");
  useContents(acting, contentsOf(db));
  return acting;
}

class ActingDialect extends PostgresDialect {
  readonly #driver: ActingDriver;

  constructor(db: Database, key: KeyShown) {
    const config = { pool: poolOf(db) };
    super(config);
    this.#driver = new ActingDriver(config, key);
  }

  override createDriver(): ActingDriver {
    return this.#driver;
  }
}

class ActingDriver extends PostgresDriver {
  readonly #key: KeyShown;

  constructor(config: ConstructorParameters<typeof PostgresDriver>[0], key: KeyShown) {
    super(config);
    this.#key = key;
  }

  override async beginTransaction(
    connection: DatabaseConnection,
    settings: TransactionSettings,
  ): Promise<void> {
    await super.beginTransaction(connection, settings);
    try {
      const { id, proof } = this.#key;
      await connection.executeQuery(CompiledQuery.raw("select sluice.act_as($1, $2)", [id, proof]));
    } catch (error) {
      // Nobody else takes back a transaction that has not quite begun.
      await this.rollbackTransaction(connection as never);
      throw (error as { code?: unknown }).code === "28000" ? noLonger(this.#key) : error;
    }
  }
}

function noLonger({ id }: KeyShown): SluiceError {
  return new SluiceError("forbidden", `key ${id} is no longer good; use another`, { id });
}
