import fc from "fast-check";

const SURROGATES = { from: 0xd800, count: 0x800 };

const character = fc
  .integer({ min: 0, max: 0x10_ffff - SURROGATES.count })
  .map((n) => String.fromCodePoint(n < SURROGATES.from ? n : n + SURROGATES.count));

/**
 * Text of any characters of Unicode, as the unit "binary" of `fc.string` makes, which first writes a table of all 1,112,064
 * of them: a second in each process.
 */
export function anyText({ maxLength }: { readonly maxLength?: number } = {}): fc.Arbitrary<string> {
  return fc.array(character, maxLength === undefined ? {} : { maxLength }).map((parts) => parts.join(""));
}
