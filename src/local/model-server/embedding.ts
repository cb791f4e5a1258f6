import { hashText } from "./seeded-random.ts";

/**
 * A vector of length one from the hashed character trigrams and words of a text: texts that share words
 * are near each other, and the same text always has the same vector.
 */
export function embed(text: string, dimensions: number): number[] {
  const vector = new Array<number>(dimensions).fill(0);
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const add = (feature: string, weight: number) => {
    const hash = hashText(feature);
    const at = hash % dimensions;
    vector[at] = vector[at]! + (hash & 0x8000_0000 ? -weight : weight);
  };
  for (const word of words) {
    add(word, 1);
    const padded = ` ${word} `;
    for (let i = 0; i + 3 <= padded.length; i++) add(padded.slice(i, i + 3), 0.5);
  }
  const length = Math.hypot(...vector);
  return length === 0 ? vector.map((_, index) => (index === 0 ? 1 : 0)) : vector.map((x) => x / length);
}
