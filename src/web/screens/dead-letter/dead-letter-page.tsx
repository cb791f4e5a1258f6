import { useState } from "preact/hooks";
import { sayLetter } from "../../../domain/plain/say-letter.ts";
import type { DeadLetterRow, LetterAct, ShownLetter } from "../../../domain/shapes/dead-letters.ts";
import { OfferedActs } from "../../acts/offered.tsx";
import { useResource } from "../../data/resource.ts";
import { LetterChip } from "../dead-letters/dead-letters-page.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Loaded, PageHead, Section, useTitle } from "../../parts/page.tsx";
import { ShownText } from "../../parts/shown-text.tsx";
import { Time } from "../../parts/time.tsx";
import { PromptLink } from "../../parts/version-link.tsx";
import { rolloutPath } from "../../route.ts";
import { LetterActDialog } from "./letter-act-dialog.tsx";

/** One thing that could not be done: why, what doing it again comes to, and all that is known of it. */
export function DeadLetterPage({ letter: id }: { readonly letter: string }) {
  const found = useResource<ShownLetter>(`/v1/dead-letters/${id}`);
  const [asked, setAsked] = useState<LetterAct>();
  useTitle("Dead letter");
  return (
    <>
      <PageHead title="Dead letter" kicker={<a href="/dead-letters">Dead letters</a>}>
        {found.value && (
          <p class="sentence">
            {sayLetter(found.value).undone} <LetterChip status={found.value.status} />
          </p>
        )}
      </PageHead>
      <Loaded from={found} lines={8}>
        {(letter) => {
          const { again } = sayLetter(letter);
          return (
            <>
              <div class={`verdict ${letter.status === "open" ? "wait" : "calm"} letter`}>
                <Icon name={letter.status === "open" ? "needs" : "done"} />
                <div>
                  <p>
                    <strong>
                      {letter.status === "open" ? "It could not be done: " : "What had gone wrong: "}
                    </strong>
                    <ShownText text={letter.error.message} />
                  </p>
                  {letter.status === "open" ? (
                    <p>
                      <strong>Doing it again: </strong>
                      {again}
                    </p>
                  ) : (
                    <Resolved letter={letter} />
                  )}
                </div>
                <OfferedActs
                  acts={[
                    {
                      name: "Do it again…",
                      right: letter.can.redrive,
                      tone: "primary",
                      onAct: () => setAsked("redrive"),
                    },
                    {
                      name: "Close without doing it…",
                      right: letter.can.discard,
                      onAct: () => setAsked("discard"),
                    },
                  ]}
                />
              </div>
              <Known letter={letter} />
              {asked && (
                <LetterActDialog
                  letter={letter}
                  act={asked}
                  onClose={() => {
                    setAsked(undefined);
                    found.reload();
                  }}
                />
              )}
            </>
          );
        }}
      </Loaded>
    </>
  );
}

function Resolved({
  letter: { status, resolvedAt, resolvedBy, resolution },
}: {
  readonly letter: DeadLetterRow;
}) {
  return (
    <p>
      <strong>{status === "redriven" ? "Done again" : "Closed without doing it"}</strong> by{" "}
      <ShownText text={resolvedBy ?? ""} />
      {resolvedAt !== null && (
        <>
          , <Time at={resolvedAt} />
        </>
      )}
      : “<ShownText text={resolution ?? ""} />”
    </p>
  );
}

function Known({ letter }: { readonly letter: DeadLetterRow }) {
  const { id, prompt, rolloutId, operation, createdAt, error, payload } = letter;
  return (
    <Section title="What is known of it">
      <div class="card">
        <dl class="facts in-two">
          <div>
            <dt>Since</dt>
            <dd>
              <Time at={createdAt} />
            </dd>
          </div>
          {prompt !== null && (
            <div>
              <dt>Prompt</dt>
              <dd>
                <PromptLink prompt={prompt} />
              </dd>
            </div>
          )}
          {rolloutId !== null && (
            <div>
              <dt>Rollout</dt>
              <dd>
                <a href={rolloutPath(rolloutId)}>{rolloutId.slice(0, 8)}</a>
              </dd>
            </div>
          )}
          <div>
            <dt>Operation</dt>
            <dd>
              <code>{operation}</code>
            </dd>
          </div>
          <div>
            <dt>Error</dt>
            <dd>
              <code>{error.code}</code>
            </dd>
          </div>
          <div>
            <dt>Its name</dt>
            <dd>
              <code>{id}</code>
            </dd>
          </div>
        </dl>
      </div>
      <details>
        <summary>All that it takes to do it again</summary>
        <pre class="text">
          <ShownText text={JSON.stringify(payload, null, 2)} />
        </pre>
      </details>
    </Section>
  );
}
