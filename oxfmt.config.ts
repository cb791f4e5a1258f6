import { defineConfig } from "oxfmt";

export default defineConfig({
  printWidth: 110,
  trailingComma: "all",
  sortPackageJson: false,
  overrides: [{ files: ["**/*.md"], options: { proseWrap: "never" } }],
  ignorePatterns: [
    "dist/",
    "action/bundle/",
    "schemas/",
    "coverage/",
    ".sluice/",
    "package-lock.json",
    // Recorded by a real server or computed elsewhere: kept to the byte.
    "test/**/histories/",
    "test/**/*.history.json",
    "test/**/vectors/",
    "test/**/fixtures/",
    // Go templates, which are YAML when they have been filled in.
    "deploy/helm/*/templates/",
    // Prompt files are the users' own writing; their block text would be wrapped anew.
    "examples/**/*.yaml",
  ],
});
