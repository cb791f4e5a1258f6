export function shorterThan(output) {
  return output.length < 20 ? 1 : 0;
}
