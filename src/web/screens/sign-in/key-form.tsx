import { useState } from "preact/hooks";
import { Refused } from "../../data/send.ts";
import { signIn } from "../../data/session.ts";

/** Asks for a key, and opens a session with it. */
export function KeyForm({ onDone }: { readonly onDone: () => void }) {
  const [key, setKey] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [failed, setFailed] = useState<string>();
  async function open(): Promise<void> {
    setBusy(true);
    try {
      await signIn({ key: key.trim() });
      setFailed(undefined);
      onDone();
    } catch (error) {
      setFailed(error instanceof Refused ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <form
      class="key-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy && key.trim() !== "") void open();
      }}
    >
      <label htmlFor="key">Your key</label>
      <input
        id="key"
        type="password"
        autocomplete="current-password"
        spellcheck={false}
        required
        value={key}
        aria-describedby="key-note key-failed"
        aria-invalid={failed !== undefined}
        onInput={(event) => setKey(event.currentTarget.value)}
      />
      <p id="key-note" class="note">
        It begins with slu_. Whoever administers this server makes one: <code>sluice keys create</code>
      </p>
      <p id="key-failed" class="failed-line" role="alert">
        {failed}
      </p>
      <button type="submit" class="primary" aria-disabled={isBusy}>
        {isBusy ? "Signing in…" : "Sign in"}
      </button>
    </form>
  );
}
