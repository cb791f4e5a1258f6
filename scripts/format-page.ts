import { format } from "oxfmt";
import settings from "../oxfmt.config.ts";

/** A page of Markdown as `npm run format` leaves it. */
export async function formatPage(text: string): Promise<string> {
  const { code, errors } = await format("page.md", text, {
    printWidth: settings.printWidth,
    proseWrap: "never",
  });
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join("\n"));
  return code;
}
