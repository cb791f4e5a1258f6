import { mkdirSync, writeFileSync } from "node:fs";
import { makeSchemas } from "./schemas.ts";

/** Writes the JSON Schemas that the package holds. */
const folder = new URL("../schemas/", import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, schema] of Object.entries(makeSchemas()))
  writeFileSync(new URL(`${name}.schema.json`, folder), `${JSON.stringify(schema, null, 2)}\n`);
