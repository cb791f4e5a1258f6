import { relative, resolve, sep } from "node:path";
import type { Annotation, ReviewedPrompt } from "../domain/shapes/reviewing.ts";

/**
 * What a review says at lines of files, whose paths are from the repository's top.
 *
 * @param cwd where the paths of prompts and problems are from
 */
export function annotationsOf(
  prompts: readonly ReviewedPrompt[],
  problems: readonly { readonly path: string; readonly message: string }[],
  { cwd, top }: { readonly cwd: string; readonly top: string },
): Annotation[] {
  const fromTop = (path: string) => relative(top, resolve(cwd, path)).split(sep).join("/");
  return [
    ...problems.map(({ path, message }): Annotation => {
      const line = Number(/:(\d+):\d+: /.exec(message)?.[1] ?? 1);
      return { level: "failure", path: fromTop(path), line, title: "cannot be taken", message };
    }),
    ...prompts.flatMap(({ prompt, path, line, gate }): Annotation[] => {
      if (!gate) return [];
      const place = { path: fromTop(path), line };
      const worse = gate.worse.map(({ number, description, reason }) => {
        const name = description === null ? "" : ` (${description})`;
        return `\ncase ${number}${name}: ${reason}`;
      });
      const verdict: Annotation[] =
        gate.verdict === "pass"
          ? []
          : [
              {
                ...place,
                level: gate.verdict === "fail" ? "failure" : "warning",
                title:
                  gate.verdict === "fail" ? `${prompt} fails the gate` : `${prompt}: the cases cannot tell`,
                message: `${gate.reason}${worse.join("")}`,
              },
            ];
      return [
        ...verdict,
        ...gate.warnings.map((message): Annotation => ({
          ...place,
          level: "warning",
          title: prompt,
          message,
        })),
      ];
    }),
  ];
}
