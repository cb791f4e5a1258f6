import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { confinedFiles } from "../../../src/evaluation/dataset/confined-files.ts";
import { reasons, runConfig } from "./run-config.ts";

const FILES: Readonly<Record<string, string>> = {
  "loud.js": "module.exports = (text, end = '!') => text.toUpperCase() + end;\n",
  "count.mjs": "export default (list, by, more) => list.length * by + (more ?? 0);\n",
  "pick.js": "module.exports = { second: (list) => list[1] };\n",
  "throws.js": "module.exports = () => { throw new Error('no such word'); };\n",
  "nothing.js": "module.exports = () => {};\n",
  "forever.js": "module.exports = () => { for (;;); };\n",
  "reads.js": "module.exports = () => require('fs').readFileSync('/etc/passwd', 'utf8');\n",
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-filters-"));
  for (const [name, content] of Object.entries(FILES)) writeFileSync(join(folder, name), content);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function ask(prompt: string, filters: Record<string, string>, vars: Record<string, unknown> = {}) {
  const run = await runConfig(
    {
      prompts: [prompt],
      nunjucksFilters: filters,
      tests: [{ vars: { q: "hello", ...vars }, options: { disableVarExpansion: true } }],
    },
    () => "An answer.",
    { options: { files: confinedFiles(folder) } },
  );
  return { ...run, asked: run.requests.map(({ messages }) => messages.at(-1)!.content) };
}

describe("filters that a configuration brings", () => {
  it.each([
    ["one", "Say {{ q | loud }}", "Say HELLO!"],
    ["with arguments", 'Say {{ q | loud("?") }}', "Say HELLO?"],
    ["among Jinja's own", "Say {{ q | loud | lower | replace('!', '') | title }}", "Say Hello"],
    ["of a block", "{% filter loud %}say {{ q }}{% endfilter %}", "SAY HELLO!"],
    ["over each of a list", "{{ list | map('loud') | join(' ') }}", "A! B!"],
    ["that gives a number", "{{ list | count(3, 1) }}", "7"],
    ["that an export names", "{{ list | second }}", "b"],
    ["in a prompt that is JSON", '[{"role": "user", "content": "Say {{ q | loud }}"}]', "Say HELLO!"],
  ])("are run: %s", async (_, prompt, text) => {
    const filters = { loud: "./loud.js", count: "file://count.mjs", second: "pick.js:second" };
    const { asked, report } = await ask(prompt, filters, { list: ["a", "b"] });
    expect(asked).toEqual([text]);
    expect(report.verdict).toBe("pass");
  });

  it.each([
    ["throws.js", /the filter "f" failed: Error: no such word/],
    ["nothing.js", /the filter "f" gave nothing/],
    ["forever.js", /the filter "f" failed: it took too long/],
    ["reads.js", /the filter "f" failed: .*require/],
  ])("fail their case, and nobody is asked, where %s gives nothing", async (file, why) => {
    const run = await ask("Say {{ q | f }}", { f: file });
    expect(run.asked).toEqual([]);
    expect(reasons(run)[0]).toMatch(why);
    expect(run.report.verdict).toBe("fail");
  });

  it("are refused by name where they are not there, or no file says what they do", async () => {
    await expect(ask("Say {{ q | laud }}", { loud: "loud.js" })).rejects.toThrow(
      /unknown filter "laud"; did you mean "loud"/,
    );
    await expect(ask("Say {{ q }}", { loud: "none.js" })).rejects.toThrow(
      /^promptfooconfig.yaml:1:\d+: there is no file none.js/,
    );
    await expect(ask("Say {{ q }}", { loud: "loud.py" })).rejects.toThrow(/only JavaScript/);
  });
});
