import { writeFileSync } from "node:fs";
import { commandsPage } from "./commands-page.ts";

/** Writes the page with a section a command. */
writeFileSync(new URL("../docs/reference/commands.md", import.meta.url), await commandsPage());
