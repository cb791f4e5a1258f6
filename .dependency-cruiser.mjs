// Who may import whom. docs/architecture.md says why; test/architecture/ holds a seeded violation of each rule.

/** Packages that only compute: no I/O, no clock, no randomness. The pure rooms may use these and no others. */
const PURE_PACKAGES = [
  "@stdlib/[^/]+",
  "ajv",
  "ajv-formats",
  "canonicalize",
  "fastest-levenshtein",
  "js-tiktoken",
  "re2js",
  "simple-statistics",
  "valibot",
  "yaml",
];

/** What pages are made of. It is bundled: whoever installs Sluice has no need of it. */
const WEB_PACKAGES = ["preact", "@codemirror/[a-z]+", "node-diff3"];

const PURE_ROOMS = "^src/(domain|protocol|templates|statistics)/";
const SOURCE = "^(workflows|activities|workers|src)/";

/** A package as it is found in node_modules, or as written when it is not installed. */
const packages = (...names) => `(^|/)(node_modules/)?(${names.join("|")})(/|$)`;

const TEMPORAL = "(^|/)(node_modules/)?@temporalio/";
const VENDOR_SDKS = packages("openai", "@anthropic-ai/sdk");
const SQL = packages("pg", "pg-[a-z-]+", "kysely");

const rule = (name, comment, from, to, extra = {}) => ({
  name,
  severity: "error",
  comment,
  from,
  to,
  ...extra,
});

export default {
  forbidden: [
    rule(
      "pure-rooms-import-only-each-other",
      "domain, protocol, templates and statistics import each other and packages that only compute (1)",
      { path: PURE_ROOMS },
      { pathNot: [PURE_ROOMS, packages(...PURE_PACKAGES)], dependencyTypesNot: ["core"] },
    ),
    rule(
      "pure-rooms-without-node",
      "domain, protocol, templates and statistics use nothing of Node: no I/O, no clock, no randomness (1)",
      { path: PURE_ROOMS },
      { dependencyTypes: ["core"] },
    ),
    rule(
      "workflows-import-domain-and-sdk",
      "workflow code is replayed: it imports domain, protocol and the workflow SDK only (2)",
      { path: "^workflows/" },
      {
        pathNot: [
          "^workflows/",
          "^activities/",
          "^src/(domain|protocol)/",
          "(^|/)(node_modules/)?@temporalio/(workflow|common)(/|$)",
        ],
      },
    ),
    rule(
      "workflows-import-activities-as-types",
      "a workflow calls activities through proxies: it needs their types alone (2)",
      { path: "^workflows/" },
      { path: "^activities/", dependencyTypesNot: ["type-only"] },
    ),
    rule(
      "protocol-imports-domain",
      "protocol is what workflows, activities and clients agree on: the words of the domain and no formula (2)",
      { path: "^src/protocol/" },
      { path: SOURCE, pathNot: "^src/(protocol|domain)/" },
    ),
    rule(
      "storage-writes-behind-verbs",
      "only activities and use-cases write; everything else reads (3)",
      { path: SOURCE, pathNot: ["^activities/", "^src/use-cases/", "^src/storage/write/"] },
      { path: "^src/storage/write/" },
    ),
    rule(
      "resolver-imports-domain-and-templates",
      "the resolver stands alone: domain, templates and its own sources (4)",
      { path: "^src/resolver/" },
      { path: SOURCE, pathNot: ["^src/(resolver|domain|templates)/", "^src/digest\\.ts$"] },
    ),
    rule(
      "resolver-never-reaches-temporal",
      "the resolver can be installed and loaded without Temporal (4)",
      { path: "^src/resolver/" },
      { path: TEMPORAL, reachable: true },
    ),
    rule(
      "invoke-stands-on-resolver-and-providers",
      "a model call is made of what is served and of how models are asked: nothing of a store, a server or a command (4)",
      { path: "^src/invoke/" },
      {
        path: SOURCE,
        pathNot: ["^src/(invoke|resolver|providers|domain|templates)/", "^src/digest\\.ts$"],
      },
    ),
    rule(
      "invoke-never-reaches-temporal",
      "services call models without Temporal; invoke/temporal is for those whose workflows do (4)",
      { path: "^src/invoke/", pathNot: "^src/invoke/temporal/" },
      { path: TEMPORAL, reachable: true },
    ),
    rule(
      "sql-only-in-storage",
      "only storage and the resolver's own sources speak SQL (4)",
      { path: SOURCE, pathNot: ["^src/storage/", "^src/resolver/sources/"] },
      { path: SQL },
    ),
    rule(
      "temporal-only-in-its-rooms",
      "only temporal, workflows, activities, workers and invoke's own activities know Temporal (5)",
      {
        path: SOURCE,
        pathNot: ["^src/temporal/", "^src/invoke/temporal/", "^workflows/", "^activities/", "^workers/"],
      },
      { path: TEMPORAL },
    ),
    rule(
      "vendor-sdks-only-in-providers",
      "only providers know the vendors' SDKs (5)",
      { path: SOURCE, pathNot: "^src/providers/" },
      { path: VENDOR_SDKS },
    ),
    rule(
      "use-cases-and-temporal-below-what-runs-them",
      "what they agree on with workflows and activities is in protocol (2)",
      { path: "^src/(use-cases|temporal)/" },
      { path: "^(workflows|activities)/|^src/(cli|demo)/" },
    ),
    rule(
      "temporal-below-use-cases",
      "use cases ask Temporal through a port of protocol; temporal knows no use case (2)",
      { path: "^src/temporal/" },
      { path: "^src/use-cases/" },
    ),
    rule(
      "demo-below-cli",
      "the command line starts the demo; what both show on a terminal is in terminal (8)",
      { path: "^src/(demo|terminal)/" },
      { path: "^src/cli/" },
    ),
    rule(
      "local-below-config",
      "config reads the machine and hands it to the local parts (8)",
      { path: "^src/local/" },
      { path: "^src/config\\.ts$" },
    ),
    rule(
      "assertions-below-grading",
      "a kind of assertion knows nothing of how answers are graded as a whole (8)",
      { path: "^src/evaluation/grading/(assertions|matching)/" },
      { path: "^src/evaluation/grading/[^/]+\\.ts$" },
    ),
    rule(
      "grading-below-evaluation",
      "grading an answer needs no dataset and no run (8)",
      { path: "^src/evaluation/grading/" },
      { path: "^src/evaluation/", pathNot: "^src/evaluation/(grading|sandbox)/" },
    ),
    rule(
      "dataset-below-promptfoo",
      "reading test cases needs no promptfoo configuration and no run (8)",
      { path: "^src/evaluation/dataset/" },
      { path: "^src/evaluation/", pathNot: "^src/evaluation/(dataset|grading|sandbox)/" },
    ),
    rule(
      "running-below-verdict",
      "cases are run before anything is said about them as a whole (8)",
      { path: "^src/evaluation/running/" },
      { path: "^src/evaluation/(verdict|reports|promptfoo|[^/]+\\.ts$)" },
    ),
    rule(
      "nobody-imports-workers",
      "workers are processes: start them, do not import them (6)",
      { pathNot: "^workers/" },
      { path: "^workers/" },
    ),
    rule(
      "http-stack-only-in-server",
      "only the server knows the libraries that speak HTTP for it, compute apart, and sign tokens (7)",
      { path: SOURCE, pathNot: "^src/server/" },
      { path: packages("fastify", "@fastify/[a-z-]+", "cookie", "jose", "openid-client", "piscina") },
    ),
    rule(
      "server-stands-on-verbs",
      "the server reads, and changes through use-cases: it leans on no command, no local part, no worker's work (7)",
      { path: "^src/server/" },
      {
        path: SOURCE,
        pathNot: [
          "^src/(server|use-cases|resolver|invoke|domain|protocol|templates|access|outbound|storage|telemetry|doctor)/",
          "^src/(digest|module-beside)\\.ts$",
        ],
      },
    ),
    rule(
      "server-reads-no-named-files",
      "what comes over HTTP names no file, no folder and no Git revision of the server's machine (7)",
      { path: "^src/server/" },
      {
        path: "^src/use-cases/(load-policy|read-file|read-git-file|push|push-changed|read-subject|load-subject)\\.ts$",
      },
    ),
    rule(
      "server-only-for-the-command-line",
      "the server is a process: the command line starts it, and loads it when it is asked to (7)",
      { path: SOURCE, pathNot: ["^src/(server|cli|web)/"] },
      { path: "^src/server/" },
    ),
    rule(
      "server-is-loaded-late",
      "whoever asks for help does not wait for the server's libraries (7)",
      { path: "^src/cli/" },
      { path: "^src/server/", dependencyTypesNot: ["dynamic-import", "type-only"] },
    ),
    rule(
      "web-runs-in-a-browser",
      "pages have nothing of Node, and no package but those that they are bundled with (9)",
      { path: "^src/web/" },
      { pathNot: [SOURCE, packages(...WEB_PACKAGES, ...PURE_PACKAGES)] },
    ),
    rule(
      "web-imports-pure-rooms",
      "pages ask the server like anybody else: of its code they share what is pure, and the shapes of what it answers (9)",
      { path: "^src/web/" },
      { path: SOURCE, pathNot: "^src/(web|domain|templates|statistics|server/contract)/" },
    ),
    rule(
      "web-knows-the-contract-as-types",
      "what the server checks with stays there (9)",
      { path: "^src/web/" },
      { path: "^src/server/", dependencyTypesNot: ["type-only"] },
    ),
    rule(
      "nobody-imports-web",
      "pages are files that a browser loads (9)",
      { path: SOURCE, pathNot: "^src/web/" },
      { path: "^src/web/" },
    ),
    rule(
      "client-below-what-runs-it",
      "programs and commands go through the client; it knows neither commands nor the server's code (7)",
      { path: "^src/client/" },
      { path: "^src/(cli|demo|server)/" },
    ),
    rule(
      "client-over-http-without-a-database",
      "whoever has a server's address and a key needs no database, and loads none (7)",
      { path: "^src/client/http/" },
      { path: "^src/(storage|temporal|client/database)/" },
    ),
    rule(
      "gitops-through-either-door",
      "a repository is compared with a store through the client's interface, whichever door is behind it (7)",
      { path: "^src/gitops/" },
      { path: "^src/(storage|temporal|server|cli)/|^src/config\\.ts$|^src/client/(database|http)/" },
    ),
    rule("nobody-imports-a-main", "importing a main.ts would run it (6)", {}, { path: "(^|/)main\\.ts$" }),
    rule("no-cycles", "each file can be read without the one that reads it (6)", {}, { circular: true }),
    rule(
      "digest-is-a-leaf",
      "digest.ts is domain words plus node:crypto; it must stay cheap enough for the resolver",
      { path: "^src/digest\\.ts$" },
      { path: SOURCE, pathNot: "^src/domain/" },
    ),
    rule(
      "product-without-tests",
      "what ships does not lean on tests, benches, examples or scripts",
      { path: SOURCE },
      { path: "^(test|bench|examples|scripts)/" },
    ),
    rule(
      "only-declared-dependencies",
      "what ships imports packages that package.json declares for it",
      // What pages import is bundled with them.
      { path: SOURCE, pathNot: "^src/web/" },
      {
        dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"],
        // A peer is installed here to be tested, and elsewhere by whoever needs it.
        dependencyTypesNot: ["type-only", "npm-peer"],
      },
    ),
    rule("everything-resolves", "an import that leads nowhere", { path: SOURCE }, { couldNotResolve: true }),
  ],
  options: {
    parser: "swc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".js", ".mjs", ".json"],
    },
    exclude: { path: "^dist/" },
  },
};
