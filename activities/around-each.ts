type AsyncFunctions = Record<string, (...args: never[]) => Promise<unknown>>;

/** The same activities, each run inside `around`. */
export function aroundEach<T extends AsyncFunctions>(
  activities: T,
  around: <R>(run: () => Promise<R>) => Promise<R>,
): T {
  return Object.fromEntries(
    Object.entries(activities).map(([name, run]) => [name, (...args: never[]) => around(() => run(...args))]),
  ) as unknown as T;
}
