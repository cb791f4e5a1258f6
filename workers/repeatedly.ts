/**
 * Does something so often, in ms, but never twice at a time; what fails is told, and done again at the next turn. The
 * first is after that time, or `atOnce`. Gives back what ends it.
 */
export function repeatedly(
  work: () => Promise<unknown>,
  everyMs: number,
  failed: (error: unknown) => void,
  { atOnce = false }: { readonly atOnce?: boolean } = {},
): () => void {
  let isBusy = false;
  const turn = () => {
    if (isBusy) return;
    isBusy = true;
    void work()
      .catch(failed)
      .finally(() => (isBusy = false));
  };
  if (atOnce) turn();
  const timer = setInterval(turn, everyMs);
  return () => clearInterval(timer);
}
