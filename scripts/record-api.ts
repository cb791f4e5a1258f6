import { writeFileSync } from "node:fs";
import { apiPage } from "../src/server/api-page.ts";
import type { PlainRoute } from "../src/server/route.ts";
import { ROUTES } from "../src/server/route-table.ts";

/** Writes the page on the API from the table of routes. */
const page = new URL("../docs/reference/api.md", import.meta.url);
writeFileSync(page, apiPage(ROUTES as unknown as readonly PlainRoute[]));
