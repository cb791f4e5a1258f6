import { SluiceError, unavailable } from "../domain/errors.ts";
import { type OutboundRequest, sendPermitted } from "./permitted-request.ts";

export type Post = Omit<OutboundRequest, "method" | "body" | "sender" | "mostBytes"> & {
  readonly body: string;
};

/**
 * Posts to an address that somebody else has named, for a worker, as `sendPermitted` says. `unavailable` where it is
 * not taken; a redirect is not followed.
 */
export async function postJson(post: Post): Promise<void> {
  const { url, what } = post;
  const place = `${what} ${url.origin}`;
  const { status } = await sendPermitted({ ...post, method: "POST", sender: "worker", mostBytes: 0 });
  if (status >= 300 && status < 400)
    throw new SluiceError(
      "invalid_input",
      `${place} answered ${status}, another address; redirects are not followed: name that one`,
      { address: url.origin, status },
    );
  if (status < 200 || status >= 300)
    throw unavailable(`${place} answered ${status}`, { address: url.origin, status });
}
