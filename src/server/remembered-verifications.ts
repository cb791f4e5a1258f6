import { messageOf } from "../domain/errors.ts";
import type { Grants } from "../domain/access/grants.ts";
import type { AuditVerification, RememberedVerification } from "../domain/shapes/verification.ts";

/** Of the kinds of keys that asked last. */
const MOST_REMEMBERED = 20;
/** After that it is computed again when somebody asks. */
const OLD_MS = 3_600_000;

type State = { -readonly [Key in keyof RememberedVerification]: RememberedVerification[Key] };

/** What the audit log was last found to be, by what a key may know of: every entry is computed again, which takes long. */
export class RememberedVerifications {
  readonly #verify: (grants: Grants) => Promise<AuditVerification>;
  readonly #states = new Map<string, State>();

  constructor(verify: (grants: Grants) => Promise<AuditVerification>) {
    this.#verify = verify;
  }

  /** What is remembered; what was never computed, or long ago, is begun. */
  last(grants: Grants): RememberedVerification {
    const state = this.#stateOf(grants);
    const age = state.checkedAt === null ? Infinity : Date.now() - Date.parse(state.checkedAt);
    return age > OLD_MS && state.failed === null ? this.begin(grants) : { ...state };
  }

  /** Computes it in the background, unless that is going on. */
  begin(grants: Grants): RememberedVerification {
    const state = this.#stateOf(grants);
    if (!state.isRunning) {
      state.isRunning = true;
      void this.#run(state, grants);
    }
    return { ...state };
  }

  async #run(state: State, grants: Grants): Promise<void> {
    try {
      state.found = await this.#verify(grants);
      state.checkedAt = new Date().toISOString();
      state.failed = null;
    } catch (error) {
      state.failed = messageOf(error);
    } finally {
      state.isRunning = false;
    }
  }

  #stateOf(grants: Grants): State {
    const key = JSON.stringify(grants);
    const state = this.#states.get(key) ?? { checkedAt: null, isRunning: false, found: null, failed: null };
    this.#states.delete(key);
    this.#states.set(key, state);
    const oldest = this.#states.keys().next();
    if (this.#states.size > MOST_REMEMBERED && !oldest.done) this.#states.delete(oldest.value);
    return state;
  }
}
