import { autocompletion, type CompletionContext, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { type Diagnostic, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, RangeSetBuilder } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  EditorView,
  keymap,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";
import type { TemplateSyntax } from "../../domain/prompt/artifact.ts";
import { placeholdersIn } from "../screens/version/placeholders.ts";
import { codeTheme } from "./code-theme.ts";
import { placeholderFor } from "./edited-file.ts";

/** What is known of a variable where one is chosen. */
export interface KnownVariable {
  readonly name: string;
  readonly type: string;
  readonly isFromOutside: boolean;
}

export interface CodeState {
  /** What it is, for whoever listens. */
  readonly label: string;
  readonly syntax: TemplateSyntax;
  readonly variables: readonly KnownVariable[];
  readonly problems: readonly { readonly from: number; readonly to: number; readonly problem: string }[];
  readonly isReadOnly: boolean;
}

export interface CodeEditor {
  /** Another text than what was typed, as after an undone merge. */
  setText(text: string): void;
  setState(state: CodeState): void;
  /** Puts a text where the caret is. */
  insert(text: string): void;
  /** Where the caret goes; without a place, where it was. */
  focus(at?: number): void;
  close(): void;
}

export interface CodeEditorOptions {
  readonly text: string;
  readonly state: CodeState;
  readonly caret: { readonly anchor: number; readonly head: number } | undefined;
  readonly onChange: (text: string) => void;
}

/** A text with what is put in tinted, and what is wrong underlined. In a shadow root: its styles need no inline ones there. */
export function openCodeEditor(host: HTMLElement, options: CodeEditorOptions): CodeEditor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  let known = options.state;
  let isOwn = false;
  const described = new Compartment();
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: options.text,
      ...(options.caret && { selection: options.caret }),
      extensions: [
        history(),
        keymap.of([...completionKeymap, ...lintKeymap, ...historyKeymap, ...defaultKeymap]),
        EditorView.lineWrapping,
        typedOurselves,
        described.of(describe(known)),
        tinted(() => known),
        autocompletion({ override: [(context) => completions(context, known)], icons: false }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !isOwn) options.onChange(update.state.doc.toString());
        }),
        codeTheme,
      ],
    }),
  });
  const underline = () =>
    view.dispatch(setDiagnostics(view.state, diagnosticsOf(known, view.state.doc.length)));
  underline();
  return {
    setText(text) {
      if (text === view.state.doc.toString()) return;
      isOwn = true;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
      isOwn = false;
    },
    setState(state) {
      known = state;
      view.dispatch({ effects: described.reconfigure(describe(state)) });
      underline();
    },
    insert(text) {
      view.dispatch(view.state.replaceSelection(text));
      view.focus();
    },
    focus(at) {
      if (at !== undefined)
        view.dispatch({ selection: { anchor: Math.min(at, view.state.doc.length) }, scrollIntoView: true });
      view.focus();
    },
    close: () => view.destroy(),
  };
}

/**
 * A browser that puts what is typed where something tinted stood wraps it in the same style, inline, which the page's
 * policy reports. What is being composed is the browser's own.
 */
const typedOurselves = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { inputType, data, cancelable } = event;
    if (inputType !== "insertText" || data === null || !cancelable || view.composing) return false;
    if (view.state.readOnly) return false;
    event.preventDefault();
    view.dispatch(view.state.replaceSelection(data), { userEvent: "input.type", scrollIntoView: true });
    return true;
  },
});

function describe({ label, isReadOnly }: CodeState) {
  return [
    EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "true" }),
    EditorState.readOnly.of(isReadOnly),
  ];
}

function diagnosticsOf({ problems }: CodeState, length: number): Diagnostic[] {
  return problems.map(({ from, to, problem }) => ({
    from: Math.min(from, length),
    to: Math.min(to, length),
    severity: "error",
    message: problem,
  }));
}

function tinted(known: () => CodeState) {
  const marks = (view: EditorView): DecorationSet => {
    const { syntax, variables } = known();
    const outside = new Set(variables.filter((one) => one.isFromOutside).map(({ name }) => name));
    const builder = new RangeSetBuilder<Decoration>();
    let at = 0;
    for (const { text, kind, variable } of placeholdersIn(view.state.doc.toString(), syntax)) {
      const isOutside = variable !== undefined && outside.has(variable);
      if (kind)
        builder.add(
          at,
          at + text.length,
          Decoration.mark({ class: `put-in ${kind}${isOutside ? " outside" : ""}` }),
        );
      at += text.length;
    }
    return builder.finish();
  };
  return ViewPlugin.fromClass(
    class {
      decorations: DecorationSet;
      constructor(view: EditorView) {
        this.decorations = marks(view);
      }
      update(update: ViewUpdate): void {
        if (update.docChanged || update.transactions.length > 0) this.decorations = marks(update.view);
      }
    },
    { decorations: (plugin) => plugin.decorations },
  );
}

const OPENED: Readonly<Record<TemplateSyntax, RegExp>> = {
  jinja: /\{\{\s*\w*$/,
  mustache: /\{\{\{?\s*\w*$/,
  langfuse: /\{\{\s*\w*$/,
  dollar: /\$\{?\w*$/,
};

/** The declared variables, where one begins to be written. */
function completions(context: CompletionContext, { syntax, variables }: CodeState) {
  const opened = context.matchBefore(OPENED[syntax]);
  if (!opened) return null;
  const closing = syntax === "dollar" ? /^\}/ : /^\s*\}\}/;
  const after = closing.exec(context.state.sliceDoc(context.pos, context.pos + 8))?.[0].length ?? 0;
  return {
    from: opened.from,
    to: context.pos + after,
    filter: false,
    options: variables
      .filter(({ name }) => name.startsWith(/\w*$/.exec(opened.text)?.[0] ?? ""))
      .map(({ name, type, isFromOutside }) => ({
        label: name,
        detail: isFromOutside ? `${type}, from outside` : type,
        apply: placeholderFor(name, syntax),
      })),
  };
}
