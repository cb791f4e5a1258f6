// Loaded before anything else by every Node that the tests start, as `one-file-packages.mjs?SPECIFIER=FILE&…`:
// these imports go to these files. make-node-settings.ts says why.
import module from "node:module";

const files = Object.fromEntries(new URL(import.meta.url).searchParams);
/** Not what a test has installed or copied elsewhere: that has packages of its own. */
const checkout = new URL("../../../", import.meta.url).href;

// A Node before 22.15 has no such hooks.
if ("registerHooks" in module)
  module.registerHooks({
    resolve: (specifier, context, next) =>
      Object.hasOwn(files, specifier) && context.parentURL?.startsWith(checkout)
        ? { url: files[specifier], format: "module", shortCircuit: true }
        : next(specifier, context),
  });
