import type { Scene } from "./run-chapters.ts";
import type { TrafficCounts } from "./traffic.ts";

/** Who shows the story while it goes on. */
export interface DemoView {
  /** What is being started, or done, before there is anything to see. */
  progress(line: string): void;
  /** Where the current rollout stands; undefined counts: no users yet. */
  scene(scene: Scene, traffic: TrafficCounts | undefined): void;
  /** Nothing is drawn any more; what was shown last stays. */
  end(): void;
}
