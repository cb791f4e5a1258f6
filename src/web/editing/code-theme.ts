import { EditorView } from "@codemirror/view";

/** Custom properties reach into a shadow root, the page's rules do not: what the text needs of them is said again. */
export const codeTheme = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "transparent", fontSize: "0.8125rem" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--code)", lineHeight: "1.6", overflow: "visible" },
  ".cm-content": { padding: "0.7rem 0", caretColor: "var(--ink)", minHeight: "2.9rem" },
  ".cm-line": { padding: "0 0.8rem" },
  ".put-in": {
    backgroundColor: "var(--accent-ground)",
    color: "var(--link)",
    borderRadius: "4px",
    padding: "0.1em 0.2em",
    margin: "0 -0.05em",
  },
  ".put-in.statement, .put-in.comment": {
    backgroundColor: "transparent",
    color: "var(--ink-soft)",
    fontStyle: "italic",
  },
  ".put-in.outside": { backgroundColor: "var(--needs-ground)", color: "var(--needs)" },
  // Its own is a picture in the style sheet, which the page's policy has no room for.
  ".cm-lintRange-error": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--harm)",
    textDecorationSkipInk: "none",
    textUnderlineOffset: "0.2em",
  },
  ".cm-tooltip": {
    backgroundColor: "var(--raised)",
    color: "var(--ink)",
    border: "1px solid var(--line-strong)",
    borderRadius: "6px",
    fontFamily: "var(--text)",
    fontSize: "0.8125rem",
    maxWidth: "28rem",
  },
  ".cm-diagnostic-error": { borderLeft: "4px solid var(--harm)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    backgroundColor: "var(--accent)",
    color: "var(--accent-ink)",
  },
  ".cm-completionDetail": { color: "inherit", opacity: "0.85", fontStyle: "normal" },
  ".cm-panels": {
    backgroundColor: "var(--sunk)",
    color: "var(--ink)",
    borderTop: "1px solid var(--line)",
  },
});
