#!/usr/bin/env node
// The command. In a checkout it runs the TypeScript as it is; in a release, what was built from it.
import { existsSync } from "node:fs";
import module from "node:module";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`sluice needs Node.js 22.18 or newer, this is ${process.versions.node}; install a newer one`);
  process.exit(5);
}

// Stripping types and compiling take longer than most commands: done once, then kept.
module.enableCompileCache();

const built = new URL("../dist/src/cli/main.js", import.meta.url);
const source = new URL("../src/cli/main.ts", import.meta.url);
await import((existsSync(source) ? source : built).href);
