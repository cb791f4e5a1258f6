import { sql } from "kysely";
import type { Database } from "../../../src/storage/database.ts";

/** A setting of the server: while it is on, it takes no writes because its disk is full, it says. */
export const FULL = "chaos.disk_full";

/**
 * Lets Postgres keep every version of every pointer's row, with the transaction that wrote it, and gives it the
 * switch `FULL`.
 */
export async function instrumentStore(db: Database): Promise<void> {
  await sql
    .raw(
      `create schema chaos;
       create table chaos.pointers as select 0::bigint as id, pg_current_xact_id()::xid as xid, p.*
         from sluice.pointers p with no data;
       create sequence chaos.ids;
       create function chaos.keep() returns trigger language plpgsql security definer as $$
       begin
         insert into chaos.pointers select nextval('chaos.ids'), pg_current_xact_id()::xid, new.*;
         return null;
       end $$;
       create trigger chaos_keep after insert or update on sluice.pointers
         for each row execute function chaos.keep();
       create function chaos.refuse_when_full() returns trigger language plpgsql as $$
       begin
         if current_setting('${FULL}', true) = 'on' then
           raise exception 'could not extend file: No space left on device' using errcode = 'disk_full';
         end if;
         return null;
       end $$;
       do $$ declare name text; begin
         for name in select tablename from pg_tables where schemaname = 'sluice' loop
           execute format('create trigger chaos_full before insert or update on sluice.%I
             for each statement execute function chaos.refuse_when_full()', name);
         end loop;
       end $$;
       grant usage on schema chaos to public`,
    )
    .execute(db);
}
