import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Resource } from "../data/resource.ts";
import { CopyButton } from "./copy-button.tsx";
import { takeDueHeading } from "../route.ts";

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === "Sluice" ? title : `${title} · Sluice`;
  }, [title]);
}

/** The head of a screen: what it is about, a sentence about it, and what can be done. */
export function PageHead({
  title,
  kicker,
  children,
  acts,
}: {
  readonly title: string;
  readonly kicker?: ComponentChildren;
  readonly children?: ComponentChildren;
  readonly acts?: ComponentChildren;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (takeDueHeading()) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div class="page-head">
      <div>
        {kicker !== undefined && <p class="kicker">{kicker}</p>}
        <h1 tabIndex={-1} ref={heading}>
          {title}
        </h1>
        {children}
      </div>
      {acts !== undefined && <div class="acts">{acts}</div>}
    </div>
  );
}

/** A part of a screen with a heading. */
export function Section({
  title,
  note,
  children,
}: {
  readonly title: string;
  readonly note?: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  return (
    <section>
      <h2>{title}</h2>
      {note !== undefined && <p class="note">{note}</p>}
      {children}
    </section>
  );
}

const SKELETON_AFTER_MS = 150;

/** What a resource has to say: its value, why it failed, or a grey shape of the size that it will have. */
export function Loaded<T>({
  from,
  lines = 4,
  title,
  children,
}: {
  readonly from: Resource<T>;
  /** Of the screen, where its own heading comes with the value: what has failed has one, too. */
  readonly title?: string;
  /** Of the shape. */
  readonly lines?: number;
  readonly children: (value: T) => ComponentChildren;
}) {
  if (from.value !== undefined) return <>{children(from.value)}</>;
  if (from.failed)
    return (
      <>
        {title !== undefined && <PageHead title={title} />}
        <Failed from={from} />
      </>
    );
  return <Skeleton lines={lines} />;
}

/** A grey shape of the size that something will have, where it takes its time. */
export function Skeleton({ lines }: { readonly lines: number }) {
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), SKELETON_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class={isShown ? "skeleton" : "skeleton unseen"} aria-busy="true">
      <span class="heard">Loading</span>
      {Array.from({ length: lines }, (_, line) => (
        <div key={line} />
      ))}
    </div>
  );
}

function Failed<T>({ from: { failed, reload } }: { readonly from: Resource<T> }) {
  return (
    <div class="failed" role="alert">
      <p>{failed?.message}</p>
      <button type="button" onClick={reload}>
        Try again
      </button>
    </div>
  );
}

/** Nothing is there yet: a sentence, and what to do about it, here and as a command to copy. */
export function Empty({
  text,
  command,
  children,
}: {
  readonly text: string;
  readonly command?: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <p>{text}</p>
      {children}
      {command !== undefined && <Command text={command} />}
    </div>
  );
}

/** A line for a terminal. */
export function Command({ text }: { readonly text: string }) {
  return (
    <div class="command">
      <code>{text}</code>
      <CopyButton text={text} />
    </div>
  );
}
