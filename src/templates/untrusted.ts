/**
 * Untrusted values are rendered as `<untrusted name="question">…</untrusted>`. A model can be told
 * that what stands between the two is data; for that to mean anything the value must not be able to
 * end the block, or to open another one, by itself.
 */
const TAG = "untrusted";

/** Characters that a reader, human or model, may skip: format characters such as a zero-width space. */
const INVISIBLE = "[\\p{Cf}\\p{Mn}]*";

/**
 * A `<` that begins something readable as our tag: in any case, with slashes, white space, control
 * or invisible characters before the name, or invisible ones between its letters. Only the `<` is matched.
 */
const TAG_START = new RegExp(`<(?=[\\s\\p{C}\\p{Mn}/\\\\]*${[...TAG].join(INVISIBLE)})`, "giu");

/** The value with every `<` that could begin one of our tags written as `&lt;`; other text is left as it is. */
export function neutralise(value: string): string {
  return value.includes("<") ? value.replace(TAG_START, "&lt;") : value;
}

/** The value between delimiters that it cannot close. `name` says which variable it came from. */
export function delimit(name: string, value: string): string {
  const [open, close] = delimiters(name);
  return open + neutralise(value) + close;
}

/** What stands before a value, and what after it. */
export function delimiters(name: string): readonly [open: string, close: string] {
  return [openingTag(name), `</${TAG}>`];
}

/** The opening delimiter; a name that could break out of its quotes is reduced to safe characters. */
export function openingTag(name: string): string {
  return `<${TAG} name="${name.replace(/[^A-Za-z0-9_.,-]/g, "_")}">`;
}
