import { PageHead, useTitle } from "../../parts/page.tsx";

/** At an address that is none of the dashboard's. */
export function NowherePage() {
  useTitle("Not found");
  return (
    <PageHead title="There is no such page">
      <p>
        Nothing is at this address. <a href="/">Home</a> · <a href="/prompts">Prompts</a> ·{" "}
        <a href="/rollouts">Rollouts</a>
      </p>
    </PageHead>
  );
}
