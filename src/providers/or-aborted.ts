/** What a promise gives, or the signal's reason as soon as it is aborted: a vendor's SDK may hear of it a while later. */
export async function orAborted<T>(promise: PromiseLike<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const gone = () => reject(signal.reason);
  signal.addEventListener("abort", gone, { once: true });
  if (signal.aborted) gone();
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", gone);
  }
}
