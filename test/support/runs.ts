/** Where the tests' servers keep their data: a folder a run, which the next run clears if it was killed. */
export const RUNS = new URL("../../.sluice/runs/", import.meta.url).pathname;
