import { type Channel, channel } from "node:diagnostics_channel";

/** A request to a server, answered. */
export interface RequestAnswered {
  readonly method: string;
  /** As the table of routes has it; null: there is none. */
  readonly route: string | null;
  readonly status: number;
  readonly ms: number;
}

/** A pointer, tried to move. What Postgres then does not commit was tried all the same. */
export interface MoveTried {
  readonly action: string;
  /** `moved`, or why it was refused. */
  readonly result: string;
}

/** A look at a rollout, decided. */
export interface LookTaken {
  readonly verdict: string;
}

/** One attempt to ask a model. */
export interface ModelAsked {
  readonly provider: string;
  /** `ok`, or the kind of failure. */
  readonly result: string;
  readonly ms: number;
}

/** Node's own way of telling whoever listens, which costs nothing where nobody does: what is counted knows nothing of who counts. */
const told = <Message>(name: string) => channel(`sluice:${name}`) as Channel<unknown, Message>;

export const REQUEST_ANSWERED = told<RequestAnswered>("request-answered");
export const MOVE_TRIED = told<MoveTried>("move-tried");
export const LOOK_TAKEN = told<LookTaken>("look-taken");
export const MODEL_ASKED = told<ModelAsked>("model-asked");
