type AsyncFunctions = Record<string, (...args: never[]) => Promise<unknown>>;

/** The same activities, each run inside `around`, which is told what it is given first. */
export function aroundEach<T extends AsyncFunctions>(
  activities: T,
  around: <R>(run: () => Promise<R>, subject: unknown) => Promise<R>,
): T {
  return Object.fromEntries(
    Object.entries(activities).map(([name, run]) => [
      name,
      (...args: never[]) => around(() => run(...args), args[0]),
    ]),
  ) as unknown as T;
}
