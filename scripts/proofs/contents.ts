import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { messageOf } from "../../src/domain/errors.ts";
import { startPostgres } from "../../src/local/postgres/postgres.ts";
import { createRunFolder } from "../../src/local/stack/run-folder.ts";
import { checkpointKeeper } from "../../src/outbound/checkpoint-keeper.ts";
import { checkpointName } from "../../src/outbound/checkpoint-place.ts";
import { openContents } from "../../src/outbound/contents/open-contents.ts";
import { readPermittedAddresses } from "../../src/outbound/permitted-addresses.ts";
import { type Database, withDatabase } from "../../src/storage/database.ts";
import { migrate } from "../../src/storage/migrator.ts";
import { findDocument } from "../../src/storage/read/document.ts";
import { checkpointAudit } from "../../src/use-cases/checkpoint-audit.ts";
import { clearContents, findLostContents } from "../../src/use-cases/clear-contents.ts";
import { pushPromptFiles } from "../../src/use-cases/push.ts";
import { type Finding, found, whole } from "../finding.ts";
import { KEY, type ObjectStore, startObjectStore } from "./contents/object-store.ts";

const BUCKET = "large-datasets";
const CASES = 5_000;
const ENCRYPTED_BY = "x-amz-server-side-encryption-aws-kms-key-id";

/**
 * `npm run prove -- contents`: large datasets, and checkpoints of the audit log, in an S3 server that is none of ours.
 * What is pushed is read back, and encrypted on the server's disk where a key is named; a login or a key that is wrong is
 * said; a server that is killed leaves nothing half-written; what is taken away behind Sluice's back, or with the server,
 * is named.
 */
export async function prove(): Promise<Finding> {
  const run = await createRunFolder(join(tmpdir(), "sluice-proofs"));
  const postgres = await startPostgres({ dataDir: join(run.path, "postgres") });
  const store = await startObjectStore(run.path);
  try {
    await store.ask(BUCKET, "PUT");
    await withDatabase(postgres.url, migrate);
    return await judge(new Scene(run.path, postgres.url, store));
  } finally {
    await store.kill();
    await postgres.stop();
    run.remove();
  }
}

async function judge(scene: Scene): Promise<Finding> {
  const { store } = scene;
  const inTheOpen = store.place(BUCKET);
  const encrypted = `${inTheOpen}&kms-key=${KEY}`;
  const findings: Finding[] = [];
  const holds = (is: boolean, line: string) => findings.push(found(is ? "holds" : "VIOLATED", line));

  await scene.push("first", encrypted);
  const [first] = await scene.kept();
  const cases = await scene.read(first!.document, encrypted);
  holds(
    cases === CASES,
    `a dataset of ${Math.round(first!.bytes / 1024)} KiB is read back with its ${cases} cases`,
  );
  const object = `${BUCKET}/sluice/${first!.sha256}.json`;
  holds(
    await scene.isEncrypted(object),
    `the server says that it has encrypted it with the key named ${KEY}`,
  );
  holds(!store.keepsInTheOpen("first 17"), "no question of it stands on the server's disk");
  await scene.push("open", inTheOpen);
  holds(store.keepsInTheOpen("open 17"), "without a key its questions do");
  const unknown = await scene.refusal("unknown-key", `${inTheOpen}&kms-key=nobodys`);
  holds(/answered 4\d\d \(/.test(unknown ?? ""), `a key that is not there: ${unknown}`);
  const login = { ...store.login, secretAccessKey: "somebody-elses" };
  const forged = await scene.refusal("forged", encrypted, login);
  holds(/answered 403 \(SignatureDoesNotMatch\)/.test(forged ?? ""), `another's login: ${forged}`);
  holds((await scene.kept()).length === 2, "nothing refers to what was refused");
  const noBucket = await scene.lost(store.place("no-such-bucket"));
  holds(/NoSuchBucket/.test(noBucket ?? ""), `a bucket that is not there is no lost dataset: ${noBucket}`);

  // As a transaction that fails after its content was written leaves it.
  const left = await scene.with(encrypted, (db) => scene.leave(db));
  const { removed } = await scene.with(encrypted, (db) => clearContents(db, new Date(), () => true));
  const gone = await store.ask(`${BUCKET}/sluice/${left}.json`, "HEAD");
  // Each of the two pushes that were refused has said what it was about to write.
  holds(removed === 3 && gone.status === 404, `what nothing refers to is removed: ${removed} in all`);
  holds((await scene.lost(encrypted)) === null, "what is referred to is all there");
  await store.ask(object, "DELETE");
  const lost = await scene.lost(encrypted);
  holds(/1 of 2 large datasets is lost: .*first/.test(lost ?? ""), `it is taken away: ${lost}`);
  await scene.push("first", encrypted);
  holds((await scene.lost(encrypted)) === null, "pushing it again brings it back");

  const checkpoint = await scene.keepCheckpointTwice(encrypted);
  holds(
    await scene.isEncrypted(`${BUCKET}/sluice/${checkpoint}`),
    "a checkpoint of the audit log is kept there once, encrypted",
  );

  await store.kill();
  const away = await scene.refusal("second", encrypted);
  holds(/cannot be reached/.test(away ?? ""), `the server killed: ${away}`);
  holds((await scene.kept()).length === 2, "nothing refers to what could not be written");
  await store.restart();
  holds((await scene.lost(encrypted)) === null, "it is back with all it had");
  await store.restartEmpty();
  await store.ask(BUCKET, "PUT");
  await scene.push("second", encrypted);
  const [second] = await scene.kept();
  holds(
    (await scene.read(second!.document, encrypted)) === CASES,
    "it is back on an empty disk, and the same push goes through",
  );
  const all = await scene.lost(encrypted);
  holds(/2 of 3 large datasets are lost: .*first/.test(all ?? ""), `what it had is gone: ${all}`);
  return whole(findings);
}

class Scene {
  readonly store: ObjectStore;
  readonly #folder: string;
  readonly #url: string;

  constructor(folder: string, url: string, store: ObjectStore) {
    this.#folder = folder;
    this.#url = url;
    this.store = store;
  }

  with<T>(place: string, work: (db: Database) => Promise<T>, login = this.store.login): Promise<T> {
    return withDatabase(this.#url, work, { contents: openContents({ place, login }) });
  }

  /** Pushes a prompt whose test cases are large and its own. */
  async push(name: string, place: string, login = this.store.login): Promise<void> {
    const cases = Array.from({ length: CASES }, (_, n) => ({
      vars: { question: `${name} ${n}` },
      assert: [{ type: "icontains", value: "yes" }],
    }));
    await writeFile(join(this.#folder, `${name}.cases.json`), JSON.stringify(cases));
    const file = join(this.#folder, `${name}.yaml`);
    await writeFile(
      file,
      `name: ${name}\nmodel: openai/gpt-5-mini\nvariables: { question: { type: string } }\nmessages: [{ role: user, content: "{{ question }}" }]\npolicy: { gate: { dataset: ${name}.cases.json } }\n`,
    );
    await this.with(place, (db) => pushPromptFiles(db, [file], { author: "proof", message: "" }), login);
  }

  async isEncrypted(object: string): Promise<boolean> {
    const { headers } = await this.store.ask(object, "HEAD");
    return headers.get(ENCRYPTED_BY)?.endsWith(KEY) === true;
  }

  /** Gives the name of its object. */
  async keepCheckpointTwice(place: string): Promise<string> {
    const checkpoint = await withDatabase(this.#url, (db) => checkpointAudit(db));
    const bucketLogin = this.store.login;
    const permitted = readPermittedAddresses("127.0.0.1");
    const keeper = checkpointKeeper({ place, secret: undefined, bucketLogin, permitted });
    await keeper.keep(checkpoint);
    await keeper.keep(checkpoint);
    return checkpointName(checkpoint);
  }

  /** Why a push does not come through, with nothing of it in the database; null: it does. */
  async refusal(name: string, place: string, login = this.store.login): Promise<string | null> {
    const problem = await problemOf(() => this.push(name, place, login));
    const { rows } = await this.with(place, (db) =>
      sql`select from sluice.prompts where name = ${name}`.execute(db),
    );
    return rows.length === 0 ? problem : null;
  }

  lost(place: string): Promise<string | null> {
    return problemOf(() => this.with(place, findLostContents));
  }

  async read(document: string, place: string): Promise<number> {
    const found = await this.with(place, (db) => findDocument(db, document));
    return (found!.body as { readonly cases: readonly unknown[] }).cases.length;
  }

  /** What is referred to, the newest first. */
  async kept() {
    const { rows } = await withDatabase(this.#url, (db) =>
      sql<{ document: string; sha256: string; bytes: number }>`
        select d.sha256 as document, c.sha256, c.bytes from sluice.documents d
        join sluice.contents c on c.sha256 = d.content_sha256 order by d.created_at desc`.execute(db),
    );
    return rows;
  }

  async leave(db: Database): Promise<string> {
    const sha256 = "f".repeat(64);
    await sql`insert into sluice.contents (sha256, bytes, place) values (${sha256}, 2, 'proof')`.execute(db);
    await openContents({ place: this.store.place(BUCKET), login: this.store.login }).write(sha256, "{}");
    return sha256;
  }
}

async function problemOf(work: () => Promise<unknown>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    return messageOf(error);
  }
}
