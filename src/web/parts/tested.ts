/** How tests of a version came out, in words. */
export const TESTED = { pass: "passed", fail: "failed", insufficient: "cannot tell" } as const;
