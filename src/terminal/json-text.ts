/** What acts on a terminal or hides in it, and that JSON itself leaves as it is. */
const UNSEEN = /[\u007f-\u009f\u2028\u2029]|\p{Cf}/gu;

/** A value as JSON in which whatever a terminal would act on is written as its escape: it reads back the same. */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(UNSEEN, (one) =>
    Array.from(
      { length: one.length },
      (_, at) => `\\u${one.charCodeAt(at).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
}
