/** What every Node of the tests is given in its environment; see make-node-settings.ts. */
export interface NodeSettings {
  readonly NODE_OPTIONS: string;
  readonly NODE_COMPILE_CACHE: string;
}

/** For the environment of a Node that a test starts and that gets only what it is given. */
export function nodeSettings(): Partial<NodeSettings> {
  const { NODE_OPTIONS, NODE_COMPILE_CACHE } = process.env;
  return {
    ...(NODE_OPTIONS !== undefined && { NODE_OPTIONS }),
    ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }),
  };
}
