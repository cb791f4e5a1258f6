import { SluiceError } from "../../domain/errors.ts";
import { openWorkloadSession } from "../../use-cases/open-workload-session.ts";
import { countFailure } from "../auth/wrong-keys.ts";
import { workloadBody, workloadToken } from "../contract/identity.ts";
import { RequestRefused } from "../requests/problem.ts";
import { answer, defineRoute } from "../route.ts";

export const exchangeWorkloadToken = defineRoute({
  method: "POST",
  path: "/v1/tokens/workload",
  summary: "Lets a CI job in for 15 minutes, by the token that its platform has given it",
  about:
    "The token of GitHub Actions or GitLab is exchanged once, for one that is sent as a key is. What it may do, a trust rule says (`sluice trust add`).",
  allow: "sign-in",
  limit: "free",
  body: workloadBody,
  answers: { 200: workloadToken },
  idempotency: "none",
  async run({ body: { token, rule }, parts, address }) {
    const { db, workloads } = parts;
    if (!workloads)
      throw new RequestRefused(
        "not_here",
        "this server takes no tokens of CI jobs: SLUICE_PUBLIC_URL does not say what they would be for",
      );
    const claims = await countFailure(parts, address, () => workloads.verify(token));
    const session = await openWorkloadSession(db, { ...claims }, rule);
    if (!("outcome" in session)) {
      const { expiresInMs, ...opened } = session;
      return answer(200, { ...opened, expiresAt: new Date(Date.now() + expiresInMs).toISOString() } as never);
    }
    switch (session.outcome) {
      case "used":
        throw new RequestRefused("unauthenticated", "the token has been exchanged before; ask for a new one");
      case "no_rule":
        throw new SluiceError(
          "forbidden",
          `no trust rule${rule === undefined ? "" : " of this name"} fits this job; an admin adds one: sluice trust add`,
          { subject: claims.sub ?? null },
        );
      case "many_rules":
        throw new SluiceError("forbidden", "several trust rules fit this job; say which one: rule", {
          rules: session.rules,
        });
    }
  },
});
