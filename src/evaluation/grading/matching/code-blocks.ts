/**
 * The fenced blocks of a Markdown text in one of these languages, in order. A fence is closed by one of the same
 * character that is at least as long; a block that is never closed is none.
 */
export function codeBlocks(text: string, languages: readonly string[]): string[] {
  const blocks: string[] = [];
  let open: { readonly fence: string; readonly language: string; readonly lines: string[] } | undefined;
  for (const line of text.split(/\r\n?|\n/)) {
    const [, fence, info = ""] = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (!open) {
      if (fence !== undefined) open = { fence, language: info.trim().toLowerCase(), lines: [] };
    } else if (fence?.startsWith(open.fence) && info.trim() === "") {
      if (languages.includes(open.language)) blocks.push(open.lines.join("\n"));
      open = undefined;
    } else open.lines.push(line);
  }
  return blocks;
}
