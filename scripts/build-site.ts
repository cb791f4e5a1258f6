// The pages for people as a website, into dist/site: npm run site [FOLDER]. Ends with 1 where a link leads nowhere.
import { join, resolve } from "node:path";
import { buildSite } from "./site/build-site.ts";

const root = join(import.meta.dirname, "..");
const to = resolve(process.argv[2] ?? join(root, "dist", "site"));
const { pages, dead } = buildSite(root, to);
for (const link of dead) process.stderr.write(`dead link: ${link}\n`);
process.stdout.write(`${pages} pages, ${dead.length} dead links: ${join(to, "index.html")}\n`);
process.exitCode = dead.length === 0 ? 0 : 1;
