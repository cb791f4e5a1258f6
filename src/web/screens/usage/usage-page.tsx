export function UsagePage(_: object) {
  return null;
}
