import type { Database } from "../storage/database.ts";
import {
  type Claim,
  CLAIM_MS,
  claimRequest,
  endClaim,
  type KeptAnswer,
  prolongClaim,
  type RequestToClaim,
} from "../storage/write/claim-request.ts";

export type { KeptAnswer };

export type Once =
  | { readonly kind: "done"; readonly answer: KeptAnswer }
  /** The answer of when it was done; nothing was done now. */
  | { readonly kind: "replayed"; readonly answer: KeptAnswer }
  | Exclude<Claim, { readonly kind: "claimed" | "answered" }>;

/** Three signs of life a claim. */
const SIGN_MS = CLAIM_MS / 3;

/**
 * Carries a request out once, whoever asks again, of whichever process: they get the same answer. A process that dies
 * or is frozen on the way loses its claim to the next who asks; both give the work the same operation id, under which
 * each change is made once. What is refused has done nothing: it is not kept, and the same name may be used again.
 */
export async function answerOnce(
  db: Database,
  request: RequestToClaim,
  {
    work,
    refuses,
  }: {
    readonly work: (operationId: string) => Promise<KeptAnswer>;
    /** Whether an error of the work says that nothing has been done. */
    readonly refuses: (error: unknown) => boolean;
  },
): Promise<Once> {
  const claim = await claimRequest(db, request);
  if (claim.kind === "answered") return { kind: "replayed", answer: claim.answer };
  if (claim.kind !== "claimed") return claim;
  const { id } = request;
  const { attempt } = claim;
  // A sign that cannot be given is given again; the claim is only lost when that goes on.
  const signs = setInterval(() => void prolongClaim(db, id, attempt).catch(() => undefined), SIGN_MS);
  // An end that could not be kept is found out again by whoever asks again, under the same operation id.
  const end = (how: KeptAnswer | "refused" | "unsure") =>
    endClaim(db, id, attempt, how).catch(() => undefined);
  try {
    const answer = await work(`${id}/${attempt}`);
    await end(answer);
    return { kind: "done", answer };
  } catch (error) {
    await end(refuses(error) ? "refused" : "unsure");
    throw error;
  } finally {
    clearInterval(signs);
  }
}
