import { NewPromptButton } from "../editor/new-prompt-button.tsx";
import { Command, PageHead } from "../../parts/page.tsx";

const STEPS: readonly { readonly title: string; readonly text: string; readonly command: string }[] = [
  {
    title: "Write a prompt",
    text: "A starter holds a prompt, its test cases and the rules of its rollouts, in three files.",
    command: "sluice init my-prompt",
  },
  {
    title: "Save it as a version",
    text: "A version never changes, so what was tested is what users get.",
    command: "sluice push my-prompt",
  },
  {
    title: "Roll it out",
    text: "The first version is tested and then goes live; each later one is tried by a few users beside it.",
    command: "sluice rollout start my-prompt@1",
  },
];

/** What a team sees before anything is live. */
export function FirstSteps() {
  return (
    <>
      <PageHead title="Nothing is live yet" acts={<NewPromptButton isPrimary />}>
        <p class="lead">Three steps, in a terminal, and the first prompt is. Or write it here.</p>
      </PageHead>
      <ol class="steps">
        {STEPS.map(({ title, text, command }) => (
          <li key={title} class="card">
            <h2>{title}</h2>
            <p>{text}</p>
            <Command text={command} />
          </li>
        ))}
      </ol>
    </>
  );
}
