import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { readPostgresAddress } from "../domain/addresses/postgres-address.ts";

/** How long a notification may take, in ms. */
const PATIENCE_MS = 3_000;

/** Whether what is notified over one connection is heard over the other. A pooler that lends a connection for one transaction passes nothing on. */
export async function hearsItself(listenUrl: string, notifyUrl: string): Promise<boolean> {
  const channel = `sluice_doctor_${randomBytes(6).toString("hex")}`;
  const [ear, mouth] = [listenUrl, notifyUrl].map(
    (url) =>
      new pg.Client({
        connectionString: readPostgresAddress(url).connectionString,
        connectionTimeoutMillis: 5_000,
        query_timeout: 5_000,
        application_name: "sluice",
      }),
  ) as [pg.Client, pg.Client];
  for (const client of [ear, mouth]) client.on("error", () => undefined);
  try {
    await Promise.all([ear.connect(), mouth.connect()]);
    const heard = new Promise<true>((settle) => ear.once("notification", () => settle(true)));
    await ear.query(`listen ${channel}`);
    await mouth.query("select pg_notify($1, '')", [channel]);
    return await Promise.race([heard, delay(PATIENCE_MS, false, { ref: false })]);
  } finally {
    await Promise.allSettled([ear.end(), mouth.end()]);
  }
}
