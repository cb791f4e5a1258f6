import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import pg from "pg";

const COMPOSE = join(import.meta.dirname, "..", "..", "..", "deploy", "compose");
/** The password of a service's login, which the composition leaves to whoever brings the services. */
const SERVICE_PASSWORD = "of-the-service";

/** By the composition's own script; the addresses in them are of a Postgres of this machine. Gives their folder. */
export function makeSecrets(folder: string, postgresPort: number): string {
  cpSync(join(COMPOSE, "make-secrets.sh"), join(folder, "make-secrets.sh"));
  execFileSync("sh", [join(folder, "make-secrets.sh")], { env: { PATH: process.env["PATH"] } });
  const secrets = join(folder, "secrets");
  for (const name of readdirSync(secrets)) {
    const text = readFileSync(join(secrets, name), "utf8");
    execFileSync("chmod", ["600", join(secrets, name)]);
    writeFileSync(join(secrets, name), text.replace("@postgres:5432", `@127.0.0.1:${postgresPort}`));
  }
  return secrets;
}

/** By the script that the image of Postgres runs, with Debian's psql: databases, the owner and the logins of parts. */
export function createRoles(secrets: string, superuserUrl: string): void {
  const { hostname, port, username, password } = new URL(superuserUrl);
  const script = readFileSync(join(COMPOSE, "postgres", "create-roles.sh"), "utf8");
  execFileSync("bash", ["-s"], {
    input: script.replaceAll("/run/secrets", secrets),
    env: {
      PATH: process.env["PATH"],
      POSTGRES_USER: username,
      PGHOST: hostname,
      PGPORT: port,
      PGPASSWORD: decodeURIComponent(password),
      PGDATABASE: "postgres",
    },
    stdio: ["pipe", "ignore", "inherit"],
  });
}

/** By the composition's own script; safe to repeat, which is tried. */
export function createNamespace(temporalCli: string, address: string): void {
  for (let time = 1; time <= 2; time++)
    execFileSync("sh", [join(COMPOSE, "temporal", "create-namespace.sh")], {
      env: {
        PATH: [dirname(temporalCli), process.env["PATH"]].join(delimiter),
        HOME: process.env["HOME"],
        TEMPORAL_ADDRESS: address,
        TEMPORAL_NAMESPACE: "sluice",
      },
      stdio: ["ignore", "ignore", "pipe"],
    });
}

/** The address that a service connects by. */
export async function serviceLogin(superuserUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  await client.query(`alter role sluice_service password '${SERVICE_PASSWORD}'`);
  await client.end();
  const { host } = new URL(superuserUrl);
  return `postgres://sluice_service:${SERVICE_PASSWORD}@${host}/sluice`;
}

/** What Postgres answers to a statement: `yes`, or its error. */
export async function mayDo(url: string, statement: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    await client.query(statement);
    return "yes";
  } catch (error) {
    return (error as Error).message;
  } finally {
    await client.end();
  }
}
