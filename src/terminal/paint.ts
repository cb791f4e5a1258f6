import { styleText } from "node:util";

const STYLES = ["bold", "cyan", "dim", "green", "inverse", "red", "underline", "yellow"] as const;

/** Text in a colour or a weight; as it is where there is no colour. */
export type Paint = Readonly<Record<(typeof STYLES)[number], (text: string) => string>>;

export function createPaint(inColor: boolean): Paint {
  const style = (name: (typeof STYLES)[number]) => (text: string) =>
    inColor ? styleText(name, text, { validateStream: false }) : text;
  return Object.fromEntries(STYLES.map((name) => [name, style(name)])) as Paint;
}
