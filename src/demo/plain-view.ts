import { counted } from "../domain/text/counted.ts";
import { figure } from "../terminal/text-layout.ts";
import { endSentence, evidencePhrase, gateSentence, shownEvidence } from "./scene-text.ts";
import type { Scene } from "./run-chapters.ts";
import type { DemoView } from "./view.ts";

/** Least time between two lines about the same stage, in ms. */
const QUIET_MS = 2_000;

/** The story as lines: what is new, and how the evidence grows. */
export function plainView(
  print: (line: string) => void,
  now: () => number = () => performance.now(),
): DemoView {
  let chapter = 0;
  const printed = new Set<string>();
  let evidenceAt = 0;
  let lastEvidence = "";

  /** Once in a chapter. */
  function printNew(line: string | undefined): void {
    if (line === undefined || printed.has(line)) return;
    printed.add(line);
    print(`  ${line}`);
  }

  function printEvidence(scene: Scene): void {
    const { units } = scene.status;
    const metrics = shownEvidence(scene)
      .map(evidencePhrase)
      .filter((phrase) => phrase !== undefined);
    if (metrics.length === 0) return;
    const users = `${figure(units.candidate)} candidate and ${counted(units.control, "control user")}`;
    const text = `${users}; ${metrics.join(", ")}`;
    if (text === lastEvidence || (now() - evidenceAt < QUIET_MS && scene.status.outcome === null)) return;
    evidenceAt = now();
    lastEvidence = text;
    print(`    ${text}`);
  }

  return {
    progress: (line) => print(line),
    scene(scene) {
      const { status } = scene;
      if (scene.number !== chapter) {
        chapter = scene.number;
        printed.clear();
        lastEvidence = "";
        print("");
        print(`${status.candidate}: ${scene.chapter.title}`);
        if (scene.workflowUrl) print(`  ${scene.workflowUrl}`);
      }
      // A failed gate is the reason that the rollout ends with, told there.
      if (scene.gate?.verdict && scene.gate.verdict !== "fail") printNew(gateSentence(scene));
      if (status.phase === "canary" && status.stage > 0)
        printNew(
          `canary, stage ${status.stage} of ${status.stages}: ${figure(status.share)} % of the users get it`,
        );
      printEvidence(scene);
      if (status.outcome !== null) printNew(endSentence(scene));
    },
    end: () => undefined,
  };
}
