/**
 * Sentence BLEU (Papineni et al., ACL 2002) over 1- to 4-grams, uniform weights, clipped counts, closest
 * reference length in the brevity penalty. A precision of zero counts as 0.1 matches (Chen & Cherry, WMT
 * 2014, smoothing 1), or a short answer without a common 4-gram would always score 0. Words are compared in
 * lower case, punctuation apart. 0 to 1.
 */
export function bleu(candidate: string, references: readonly string[]): number {
  const words = tokens(candidate);
  const others = references.map(tokens);
  if (words.length === 0) return 0;
  const order = Math.min(4, words.length);
  let logSum = 0;
  for (let n = 1; n <= order; n += 1) {
    const counts = grams(words, n);
    const best = new Map<string, number>();
    for (const other of others)
      for (const [gram, count] of grams(other, n)) best.set(gram, Math.max(best.get(gram) ?? 0, count));
    let matches = 0;
    for (const [gram, count] of counts) matches += Math.min(count, best.get(gram) ?? 0);
    if (n === 1 && matches === 0) return 0;
    logSum += Math.log((matches || 0.1) / (words.length - n + 1));
  }
  const closest = others
    .map((other) => other.length)
    .toSorted((a, b) => Math.abs(a - words.length) - Math.abs(b - words.length) || a - b)[0]!;
  const brevity = words.length >= closest ? 1 : Math.exp(1 - closest / words.length);
  return brevity * Math.exp(logSum / order);
}

function tokens(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+|[^\p{L}\p{N}\s]/gu) ?? [];
}

function grams(words: readonly string[], n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= words.length; i += 1) {
    const gram = words.slice(i, i + n).join(" ");
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}
