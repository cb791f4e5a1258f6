import type { RolloutsPlace } from "../../temporal/keep-rollouts.ts";
import type { Rollouts, RolloutsPort } from "../../protocol/rollout-controls.ts";
import type { ContentPlace } from "../../outbound/contents/content-place.ts";
import type { ContentStore } from "../../storage/contents.ts";
import type { Database, DatabaseOptions } from "../../storage/database.ts";

export interface DatabasePlace {
  /** Asked when it is needed: what is wrong with a request is said before that there is no database. */
  readonly url: () => string;
  /** Who is at work, as the audit log asserts it. */
  readonly actor: string;
  readonly temporal: RolloutsPlace;
  /** Where what is too large for a row of the database is kept. */
  readonly contents?: ContentPlace | undefined;
}

/** A program asks one thing after the other; a command no more than a few at once. */
const CONNECTIONS = 4;

/** The database and Temporal of a {@link Sluice}, each opened when it is first needed, and loaded then. */
export class DatabaseParts {
  readonly actor: string;
  readonly #url: () => string;
  readonly #temporal: RolloutsPlace;
  readonly #contents: ContentPlace | undefined;
  #db: Promise<Database> | undefined;
  #port: Promise<RolloutsPort> | undefined;
  #migrated: Promise<void> | undefined;
  readonly #closed = new AbortController();

  constructor({ url, actor, temporal, contents }: DatabasePlace) {
    this.#contents = contents;
    this.#url = url;
    this.actor = actor;
    this.#temporal = temporal;
  }

  /** Runs with the database. What goes wrong with it comes out as one clear line. */
  async read<T>(work: (db: Database) => Promise<T>): Promise<T> {
    const db = await (this.#db ??= import("../../storage/database.ts").then(async ({ openDatabase }) =>
      openDatabase(this.#url(), { max: CONNECTIONS, contents: await this.#openContents() }),
    ));
    return this.#explained(() => work(db));
  }

  /** The same over connections of its own, for what takes longer than a query may otherwise. */
  async readWith<T>(options: DatabaseOptions, work: (db: Database) => Promise<T>): Promise<T> {
    const { withDatabase } = await import("../../storage/database.ts");
    return this.#explained(() => withDatabase(this.#url(), work, options));
  }

  async #openContents(): Promise<ContentStore | undefined> {
    if (!this.#contents) return undefined;
    const { openContents } = await import("../../outbound/contents/open-contents.ts");
    return openContents(this.#contents);
  }

  /** The same for what writes: it starts only on a schema that is exactly this Sluice's. */
  async write<T>(work: (db: Database) => Promise<T>): Promise<T> {
    return this.read(async (db) => {
      const { assertMigrated } = await import("../../storage/migrator.ts");
      await (this.#migrated ??= assertMigrated(db).catch((error: unknown) => {
        this.#migrated = undefined;
        throw error;
      }));
      return work(db);
    });
  }

  /** Runs with a connection to Temporal. */
  get rollouts(): Pick<RolloutsPort, "use"> {
    return { use: (work) => this.#use(work) };
  }

  async #use<T>(work: (rollouts: Rollouts) => Promise<T>): Promise<T> {
    this.#port ??= import("../../temporal/keep-rollouts.ts").then(({ keepRollouts }) =>
      keepRollouts(this.#temporal),
    );
    return (await this.#port).use(work);
  }

  /** Aborted when it is closed: for what waits for something outside of both. */
  get closing(): AbortSignal {
    return this.#closed.signal;
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await (await this.#port)?.close();
    await (await this.#db)?.destroy();
  }

  async #explained<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const { storeError } = await import("../../storage/store-error.ts");
      throw storeError(this.#url(), error);
    }
  }
}
