/** What the sandbox's thread is asked to run. */
export interface ScriptTask {
  /** What code in place calls its first argument. */
  readonly inputName?: string;
  readonly code: string;
  /** How the code is meant: an expression or function body over `output` and `context`, or a file with exports. */
  readonly form: "inline" | "file";
  /** Of a file, the export to call; its default (or `module.exports`) otherwise. */
  readonly exportName?: string | undefined;
  /** JSON text of `{ output, context, text }`. */
  readonly input: string;
  /** The context is a list of arguments behind the first. */
  readonly spreads?: boolean;
  readonly timeoutMs: number;
  readonly memoryBytes: number;
}

export type ScriptAnswer =
  /** JSON text of what the script gave; undefined for undefined. */
  { readonly ok: true; readonly json: string | undefined } | { readonly ok: false; readonly problem: string };
