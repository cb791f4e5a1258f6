import pLimit from "p-limit";

/**
 * Works through a list with at most `width` items under way. The first error stops the rest: `stop` is
 * aborted, what is under way is waited for, and the error is thrown.
 */
export async function runPool<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
  stop: AbortController,
): Promise<void> {
  let failure: { readonly error: unknown } | undefined;
  const limit = pLimit(Math.max(1, width));
  await limit.map(items, async (item) => {
    if (failure || stop.signal.aborted) return;
    try {
      await work(item);
    } catch (error) {
      failure ??= { error };
      stop.abort();
    }
  });
  if (failure) throw failure.error;
}
