import { useKept } from "../../data/kept.ts";
import { linkFailed } from "../../data/session.ts";
import { Mark } from "../../parts/icon.tsx";
import { useTitle } from "../../parts/page.tsx";
import { KeyForm } from "./key-form.tsx";

/** Where somebody comes in. */
export function SignInPage() {
  useTitle("Sign in");
  const failed = useKept(linkFailed);
  return (
    <main class="sign-in">
      <div class="card">
        <p class="brand large">
          <Mark />
          Sluice
        </p>
        <h1 tabIndex={-1}>Sign in</h1>
        {failed !== undefined && (
          <p role="alert" class="failed-line">
            {failed}
          </p>
        )}
        <KeyForm onDone={() => linkFailed.set(undefined)} />
      </div>
    </main>
  );
}
