import { describe, expect, it } from "vitest";
import { SluiceError } from "../../../src/domain/errors.ts";
import { runScript, type Script } from "../../../src/evaluation/sandbox/run-script.ts";

const context = { vars: { name: "Ada" } };
const run = (script: Script) => runScript(script, "hi", context);

async function problem(script: Script): Promise<string> {
  const thrown: unknown = await run(script).then(
    (value) => new Error(`it gave ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(SluiceError);
  return (thrown as SluiceError).message;
}

describe("a script", () => {
  it("is an expression, a function's body, a function, or a promise of a value", async () => {
    expect(await run("output + context.vars.name")).toBe("hiAda");
    expect(await run("const n = output.length;\nreturn { pass: n === 2 };")).toEqual({ pass: true });
    expect(await run("(output) => output.toUpperCase()")).toBe("HI");
    expect(await run("Promise.resolve(output).then((text) => text.length)")).toBe(2);
    expect(await run("if (output) { return 1 } return 2")).toBe(1);
  });

  it("is a file that exports a function, as CommonJS or as a module", async () => {
    expect(await run({ code: "module.exports = (output, { vars }) => output + vars.name" })).toBe("hiAda");
    expect(await run({ code: "exports.grade = (output) => output + 1", exportName: "grade" })).toBe("hi1");
    expect(await run({ code: "export default async (output) => output + 2" })).toBe("hi2");
    expect(await run({ code: "export function g(output) { return output + 3 }", exportName: "g" })).toBe(
      "hi3",
    );
    expect(await problem({ code: "module.exports = 3" })).toMatch(/the file exports no function/);
  });

  it("says what is wrong with it", async () => {
    expect(await problem("output ===")).toMatch(/SyntaxError/);
    expect(await problem("throw new Error('no luck')")).toMatch(/no luck/);
    expect(await problem("output.nothing.more")).toMatch(/TypeError/);
  });

  it("reaches no file, network, process, module or object of the host", async () => {
    for (const code of [
      "process.exit()",
      "require('fs')",
      "fetch('http://127.0.0.1')",
      "this.constructor.constructor('return process')()",
      "globalThis.process.env",
      "new Worker('x')",
      "Deno.exit()",
      "setTimeout(() => {}, 1)",
    ])
      expect(await problem(code)).toMatch(/not defined|undefined/);
    expect(await problem("import('fs')")).toMatch(/could not load module/);
    expect(await problem({ code: "import fs from 'fs'; export default () => 1" })).toMatch(
      /cannot be imported/,
    );
  });

  it("that never ends is ended", async () => {
    expect(await problem("while (true) {}")).toMatch(/too long/);
    expect(await problem("/(a+)+$/.test('a'.repeat(40) + 'b')")).toMatch(/too long/);
    expect(await problem("(async () => { for (;;) await 1 })()")).toMatch(/too long/);
    expect(await problem("new Promise(() => {})")).toMatch(/no result/);
    expect(await problem("(() => { const f = () => f(); return f() })()")).toMatch(/stack overflow/);
  });

  it("that takes too much memory is ended", async () => {
    // At once: there is a limit on time, too.
    expect(await problem("new ArrayBuffer(1e9).byteLength")).toMatch(/too much memory/);
    expect(await problem("'x'.repeat(1e9)")).toMatch(/too much memory/);
  });

  it("that tampers with prototypes changes nothing for the next, nor for the host", async () => {
    await run(
      "Object.prototype.pass = true; Array.prototype.push = null; JSON.stringify = () => '{}'; return false",
    );
    expect(await run("[].concat({}.pass === undefined, typeof [].push)")).toEqual([true, "function"]);
    expect(({} as { pass?: boolean }).pass).toBeUndefined();
    expect(await run('JSON.parse(\'{"__proto__": {"polluted": 1}}\')')).toBeDefined();
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});
