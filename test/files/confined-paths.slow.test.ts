import { execFileSync } from "node:child_process";
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { promptFilesIn } from "../../src/cli/commands/prompts/prompt-files.ts";
import { startSluice } from "../cli/run-sluice.ts";
import { loadPromptFiles } from "../../src/use-cases/push.ts";
import { loadDataset, loadPolicyFile } from "../../src/use-cases/load-policy.ts";

// Files stand in real folders, one of them a real repository, beside one that holds a secret.

const SECRET = "PLANTED-SECRET-0123456789-0123456789-0123456789-0123456789";
let base: string;

function write(path: string, text: string | Uint8Array): string {
  const full = join(base, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
  return full;
}

const policy = (dataset: string) =>
  `gate: { dataset: ${JSON.stringify(dataset)} }\ncanary: { stages: [{ share: 50% }], goal: { metric: rating, direction: higher, margin: 0.1 } }\n`;
const prompt = (named: string) =>
  `name: p\nmodel: openai/gpt-5-mini\nmessages: [{ role: user, content: hello }]\npolicy: ${JSON.stringify(named)}\n`;
const CASES = "- { vars: { q: a }, assert: [{ type: is-json }] }\n";

/** Every way in which one file names another, as a function of the path that it names. */
const NAMING: Record<string, (folder: string, path: string) => Promise<unknown>> = {
  "the policy of a prompt file": (folder, path) =>
    loadPromptFiles([write(`${folder}/named-policy.yaml`, prompt(path))]),
  "the dataset of a policy": (folder, path) =>
    loadPolicyFile(write(`${folder}/p.rollout.yaml`, policy(path))),
  "a variable of a dataset": (folder, path) =>
    loadDataset(
      write(`${folder}/d1.yaml`, `- { vars: { q: "file://${path}" }, assert: [{ type: is-json }] }\n`),
    ),
  "an expected value of a dataset": (folder, path) =>
    loadDataset(
      write(
        `${folder}/d2.yaml`,
        `- { vars: { q: a }, assert: [{ type: equals, value: "file://${path}" }] }\n`,
      ),
    ),
  "the cases of a dataset": (folder, path) =>
    loadDataset(write(`${folder}/d3.yaml`, `tests: "file://${path}"\n`)),
};

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (refused: Error & { code?: string }) => refused,
  );
  expect(error?.code).toMatch(/^(?:invalid_input|not_found)$/);
  return error!.message;
}

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), "sluice-confined-"));
  write("secret.yaml", `${SECRET}: true\n`);
  write("plain/inside.yaml", CASES);
  write("plain/deep/x.txt", "");
  write("repository/beside/cases.yaml", CASES);
  write("repository/prompts/x.txt", "");
  write("repository/.env", `KEY=${SECRET}\n`);
  execFileSync("git", ["init", "-q"], { cwd: join(base, "repository") });
  write("repository/.git/credentials.yaml", `${SECRET}: true\n`);
  symlinkSync(join(base, "secret.yaml"), join(base, "plain/link.yaml"));
  symlinkSync(base, join(base, "plain/up"));
  symlinkSync("/proc/self/environ", join(base, "plain/environ.yaml"));
  symlinkSync(join(base, "secret.yaml"), join(base, "repository/prompts/link.yaml"));
  symlinkSync(join(base, "repository/.git"), join(base, "repository/prompts/inside"));
  execFileSync("mkfifo", [join(base, "plain/pipe.yaml")]);
  write("plain/binary.yaml", Uint8Array.of(0x61, 0, 0x62));
  write("plain/latin.yaml", Uint8Array.of(0x61, 0xe4, 0x62));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

describe.each(Object.entries(NAMING))("%s", (_, name) => {
  it("stays inside the folder of the file that names it, links followed, and what lies outside is never repeated", async () => {
    for (const path of [
      "/proc/self/environ",
      "environ.yaml",
      "/dev/zero",
      "../secret.yaml",
      join(base, "secret.yaml"),
      "link.yaml",
      "up/secret.yaml",
      "deep/../../secret.yaml",
      "../there-is-none.yaml",
    ]) {
      const said = await refusal(name("plain", path));
      expect(said).toContain("lies outside the folder of the file that names it");
      expect(said).not.toContain(SECRET.slice(0, 10));
    }
  });

  it("may lie anywhere in the Git repository, but not beside it, and not where a repository keeps keys", async () => {
    expect(await refusal(name("repository/prompts", "link.yaml"))).toContain(
      "lies outside the Git repository",
    );
    expect(await refusal(name("repository/prompts", "../../secret.yaml"))).toContain(
      "outside the Git repository",
    );
    for (const path of ["../.git/credentials.yaml", "inside/credentials.yaml", "../.env", "../.git/config"])
      expect(await refusal(name("repository/prompts", path))).toContain("may hold keys");
    // Inside it is read, whatever is wrong with it then.
    const read = await name("repository/prompts", "../beside/cases.yaml").catch(
      (error: Error) => error.message,
    );
    expect(read).not.toEqual(expect.stringContaining("is not read"));
  });

  it("is an ordinary file of text: no folder, pipe, device, binary or other encoding", async () => {
    expect(await refusal(name("plain", "deep"))).toContain("is a folder");
    expect(await refusal(name("plain", "pipe.yaml"))).toContain("is a pipe");
    expect(await refusal(name("plain", "binary.yaml"))).toContain("contains a NUL");
    expect(await refusal(name("plain", "latin.yaml"))).toContain("is not UTF-8");
    expect(await refusal(name("plain", "none.yaml"))).toContain("there is no file none.yaml");
  });
});

describe("a file that is named by one that is named itself", () => {
  it("stays inside what the first one stays in", async () => {
    write("plain/policies/one.rollout.yaml", policy("../inside.yaml"));
    write("plain/policies/two.rollout.yaml", policy("../../secret.yaml"));
    const load = (path: string) => loadPromptFiles([write("plain/first.yaml", prompt(path))]);
    const [loaded] = await load("policies/one.rollout.yaml");
    expect(loaded!.policy!.dataset!.cases).toHaveLength(1);
    expect(await refusal(load("policies/two.rollout.yaml"))).toContain("lies outside the folder");
  });
});

describe("a prompt file that is found in a folder, not named", () => {
  it("is no link to what lies outside", async () => {
    write("folder/good.yaml", prompt("p.rollout.yaml"));
    expect(await promptFilesIn([join(base, "folder")])).toHaveLength(1);
    symlinkSync(join(base, "secret.yaml"), join(base, "folder/link.yaml"));
    expect(await refusal(promptFilesIn([join(base, "folder")]))).toContain("lies outside the folder");
  });
});

describe("a byte order mark", () => {
  it("is dropped from a file that is named and from one that is typed", async () => {
    const mark = "\ufeff";
    write("plain/mark.txt", `${mark}hello`);
    const dataset = await loadDataset(
      write(
        "plain/marked.yaml",
        `${mark}- { vars: { q: "file://mark.txt" }, assert: [{ type: is-json }] }\n`,
      ),
    );
    expect(dataset.cases[0]!.vars).toEqual({ q: "hello" });
  });
});

describe("a file that is typed on the command line", () => {
  it("may be anywhere, and is refused in one line where it is no text within bounds", async () => {
    expect((await loadDataset(join(base, "plain/up/plain/inside.yaml"))).cases).toHaveLength(1);
    expect(await refusal(loadDataset("/dev/zero"))).toContain("has more than 20 MB");
    expect(await refusal(loadDataset("/proc/self/environ"))).toContain("contains a NUL");
    expect(await refusal(loadDataset(base))).toContain("it is a folder");
  });

  it("may be a pipe that somebody writes to, and keeps nobody waiting where nobody does", async () => {
    const pipe = join(base, "typed-pipe.yaml");
    execFileSync("mkfifo", [pipe]);
    expect(await refusal(loadDataset(pipe))).toContain("it is a pipe that nobody writes to");
    // As with a process substitution: the writer is there first, and takes its time.
    const slow = `(echo '- { vars: { q: x },'; sleep 0.3; echo '    assert: [{ type: is-json }] }') | exec ${process.execPath} --input-type=module -e '
      const { loadDataset } = await import(process.argv[1]);
      console.log((await loadDataset("/dev/stdin")).cases.length)' ${new URL("../../src/use-cases/load-policy.ts", import.meta.url).href}`;
    expect(execFileSync("sh", ["-c", slow], { encoding: "utf8" })).toBe("1\n");
    expect(await refusal(loadDataset("/dev/zero"))).toContain("has more than 20 MB");
  });

  it("that is a pipe whose writer never ends does not keep the command from being ended", async () => {
    const pipe = join(base, "silent-pipe.yaml");
    execFileSync("mkfifo", [pipe]);
    const writer = openSync(pipe, constants.O_RDWR);
    const running = startSluice(
      ["eval", write("typed.yaml", prompt("x").replace(/policy:.*\n/, "")), "--dataset", pipe],
      {
        cwd: base,
      },
    );
    try {
      const opened = () =>
        readdirSync(`/proc/${running.child.pid}/fd`).map((fd) => {
          try {
            return readlinkSync(`/proc/${running.child.pid}/fd/${fd}`);
          } catch {
            return "";
          }
        });
      await expect.poll(opened, { timeout: 30_000 }).toContain(realpathSync(pipe));
      running.child.kill("SIGTERM");
      expect(await running.ended).toMatchObject({ code: 143 });
    } finally {
      closeSync(writer);
      running.child.kill("SIGKILL");
    }
  });
});
