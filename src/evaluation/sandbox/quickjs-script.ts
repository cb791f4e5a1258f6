import {
  newQuickJSWASMModuleFromVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSWASMModule,
} from "quickjs-emscripten-core";
import type { ScriptAnswer, ScriptTask } from "./script-protocol.ts";
import { messageOf } from "../../domain/errors.ts";

let loaded: Promise<QuickJSWASMModule> | undefined;

const TOO_LONG = "it took too long";
const TOO_MUCH = "it took too much memory";

/** A console that says nothing, because scripts written elsewhere use it; nothing else of a host is there. */
const PRELUDE = `
globalThis.console = Object.freeze({ log() {}, info() {}, warn() {}, error() {}, debug() {} });
globalThis.__finish = (value) => { globalThis.__json = JSON.stringify(value); globalThis.__done = true; };
globalThis.__fail = (error) => { globalThis.__problem = String((error && error.message) || error); globalThis.__done = true; };
`;

/**
 * Runs a script in QuickJS compiled to WebAssembly, in a context made for it alone: no file, network, process
 * or object of the host can be reached, memory and time are bounded.
 */
export async function runInQuickJs(task: ScriptTask): Promise<ScriptAnswer> {
  return (await loadQuickJs())(task);
}

/** {@link runInQuickJs} for who cannot wait: what is loaded once runs at once. It may take as long as a script may. */
export async function loadQuickJs(): Promise<(task: ScriptTask) => ScriptAnswer> {
  loaded ??= newQuickJSWASMModuleFromVariant(import("@jitl/quickjs-wasmfile-release-sync"));
  const module = await loaded;
  return (task) => runBounded(module, task);
}

function runBounded(module: QuickJSWASMModule, task: ScriptTask): ScriptAnswer {
  try {
    return runTask(module, task);
  } catch (error) {
    // A trap leaves the module's memory in an unknown state: the next script gets a new one.
    loaded = undefined;
    return {
      ok: false,
      problem: `the sandbox broke down: ${messageOf(error)}`,
    };
  }
}

function runTask(module: QuickJSWASMModule, task: ScriptTask): ScriptAnswer {
  const runtime = module.newRuntime();
  runtime.setMemoryLimit(task.memoryBytes);
  runtime.setMaxStackSize(512 * 1024);
  const deadline = performance.now() + task.timeoutMs;
  runtime.setInterruptHandler(() => performance.now() > deadline);
  const vm = runtime.newContext();
  try {
    run(vm, PRELUDE);
    vm.newString(task.input).consume((input) => vm.setProp(vm.global, "__input", input));
    vm.setProp(vm.global, "__spread", task.spreads ? vm.true : vm.false);
    const answer = runAndCollect(vm, task);
    // An interruption in the middle of a promise's own machinery shows as anything at all.
    const isOver = !answer.ok && answer.problem !== TOO_MUCH && performance.now() > deadline;
    return isOver ? { ok: false, problem: TOO_LONG } : answer;
  } finally {
    vm.dispose();
    runtime.dispose();
  }
}

function runAndCollect(vm: QuickJSContext, task: ScriptTask): ScriptAnswer {
  const problem = task.form === "file" ? runFile(vm, task) : runInline(vm, task);
  if (problem !== undefined) return { ok: false, problem };
  const jobs = vm.runtime.executePendingJobs();
  if (jobs.error) return { ok: false, problem: scriptMessage(vm, jobs.error) };
  return collect(vm, task);
}

/** Evaluates code for its effects; the message of what it threw, or undefined. */
function run(
  vm: QuickJSContext,
  code: string,
  options: { type: "global" | "module" } = { type: "global" },
): string | undefined {
  const result = vm.evalCode(code, "script.js", options);
  if (result.error) return scriptMessage(vm, result.error);
  result.value.dispose();
  return undefined;
}

const CALL = `
const { output, context, text } = JSON.parse(__input);
if (typeof output === "object" && output !== null && typeof text === "string")
  Object.defineProperty(output, "toString", { value: () => text });
let value = __script(output, ...(__spread ? context : [context]));
if (typeof value === "function") value = value(output, context);
Promise.resolve(value).then(__finish, __fail);
`;

/**
 * What code in place means is decided by the parser alone: an expression where it is one; on one line,
 * declarations whose last statement is the result (`const n = output.length; n > 1`); else a function's body.
 */
function runInline(
  vm: QuickJSContext,
  { code, inputName: input = "output" }: ScriptTask,
): string | undefined {
  const trimmed = code.trim().replace(/(?:\s*;)+$/, "");
  const expression = `globalThis.__script = (${input}, context) => (${trimmed}\n);`;
  const body = `globalThis.__script = (${input}, context) => { ${code}\n};`;
  const problem = run(vm, expression);
  if (problem !== undefined) {
    if (/^(?:const|let|var)\s/.test(trimmed) && !trimmed.includes("\n") && isProgram(vm, trimmed))
      run(vm, `globalThis.__script = (${input}, context) => eval(${JSON.stringify(trimmed)});`);
    else {
      const second = run(vm, body);
      // Of two syntax errors, that of the likelier form is the one to show.
      if (second !== undefined) return trimmed.includes("\n") ? second : problem;
    }
  }
  return run(vm, `{${CALL}}`);
}

/** Whether code can stand on its own, without a function around it. */
function isProgram(vm: QuickJSContext, code: string): boolean {
  const compiled = vm.evalCode(code, "script.js", { type: "global", compileOnly: true });
  const isValid = compiled.error === undefined;
  compiled.dispose();
  return isValid;
}

function runFile(vm: QuickJSContext, { code, exportName }: ScriptTask): string | undefined {
  const wanted = JSON.stringify(exportName ?? null);
  const pick = `globalThis.__pick = (exported) => {
    const name = ${wanted};
    const found = name !== null ? exported[name] : (typeof exported === "function" ? exported : exported.default ?? exported);
    const script = Array.isArray(found) ? () => found : found;
    if (typeof script !== "function") throw new Error("the file exports no function" + (name !== null ? " " + name : ""));
    globalThis.__script = script;
  };`;
  const isModule = /(?:^|[;\n])\s*(?:export|import)\s/.test(code);
  run(vm, pick);
  if (!isModule) {
    const wrapped = `{ const module = { exports: {} }; ((module, exports) => { ${code}\n})(module, module.exports); __pick(module.exports); }`;
    return run(vm, wrapped) ?? run(vm, `{${CALL}}`);
  }
  vm.runtime.setModuleLoader((name) => {
    if (name === "user-script") return code;
    throw new Error(`"${name}" cannot be imported: the sandbox has no modules`);
  });
  return run(
    vm,
    `import * as exported from "user-script"; try { __pick(exported); ${CALL} } catch (error) { __fail(error); }`,
    {
      type: "module",
    },
  );
}

function collect(vm: QuickJSContext, task: ScriptTask): ScriptAnswer {
  if (!read(vm, "__done", (handle) => vm.dump(handle) === true))
    return { ok: false, problem: `it gave no result within ${task.timeoutMs} ms` };
  const problem = read(vm, "__problem", (handle) =>
    vm.typeof(handle) === "string" ? vm.getString(handle) : undefined,
  );
  if (problem !== undefined) return { ok: false, problem: problem === "interrupted" ? TOO_LONG : problem };
  const json = read(vm, "__json", (handle) =>
    vm.typeof(handle) === "string" ? vm.getString(handle) : undefined,
  );
  return { ok: true, json };
}

function read<T>(vm: QuickJSContext, name: string, take: (handle: QuickJSHandle) => T): T {
  return vm.getProp(vm.global, name).consume(take);
}

function scriptMessage(vm: QuickJSContext, error: QuickJSHandle): string {
  const thrown: unknown = error.consume((handle) => vm.dump(handle));
  const { name, message } = (typeof thrown === "object" && thrown ? thrown : {}) as {
    name?: unknown;
    message?: unknown;
  };
  if (message === "interrupted") return TOO_LONG;
  if (name === "InternalError" && message === "out of memory") return TOO_MUCH;
  if (typeof message === "string") return typeof name === "string" ? `${name}: ${message}` : message;
  return typeof thrown === "string" ? thrown : JSON.stringify(thrown);
}
