/**
 * A value as JSON that jsonb takes, whatever a model or a user has put into its texts: NUL and halves of surrogate
 * pairs, which jsonb refuses, become U+FFFD.
 */
export function storableJson(value: unknown): string {
  // JSON.stringify writes both as escapes, and whole pairs as they are; an escaped backslash is one escape of two.
  return JSON.stringify(value).replaceAll(/\\(?:u0000|ud[89a-f][0-9a-f]{2}|[\s\S])/g, (escape) =>
    escape.length > 2 ? "\ufffd" : escape,
  );
}
