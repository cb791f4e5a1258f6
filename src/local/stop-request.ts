export interface StopRequest {
  /** Aborted by the first signal that asks this process to end. */
  readonly signal: AbortSignal;
  /** Which it was. */
  readonly by: () => NodeJS.Signals | undefined;
  /** Signals do again what they did. */
  release(): void;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Takes Ctrl-C, a closed terminal and a polite kill as a request to stop what runs, in order. Further ones
 * while that goes on change nothing.
 */
export function listenForStop(onRequest?: (signal: NodeJS.Signals) => void): StopRequest {
  const controller = new AbortController();
  let by: NodeJS.Signals | undefined;
  const listeners = SIGNALS.map((name) => {
    const listener = () => {
      if (controller.signal.aborted) return;
      by = name;
      onRequest?.(name);
      controller.abort();
    };
    process.on(name, listener);
    return [name, listener] as const;
  });
  return {
    signal: controller.signal,
    by: () => by,
    release() {
      for (const [name, listener] of listeners) process.off(name, listener);
    },
  };
}
