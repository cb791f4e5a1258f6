import { allowsReading } from "../../domain/access/grants.ts";
import { defineStream } from "../route.ts";

export const followChanges = defineStream({
  method: "GET",
  path: "/v1/changes",
  summary: "Server-sent events: pointers that move, and rollouts in which something happens",
  about:
    "`event: pointer` with its scope, `event: rollout` with its id: ids only, for whoever then asks. Of what the key was granted.",
  allow: { permission: "read", places: "filtered" },
  limit: "read",
  open({ caller, parts }, response) {
    const stream = parts.streams.add(response, {
      keyId: caller.key.id,
      sees: (scope) => allowsReading(caller.grants, scope),
      stillLet: caller.stillGood,
    });
    const stop = parts.news.listen(({ id, label, prompt, tenant }) => {
      if (!allowsReading(caller.grants, { label, prompt, tenant })) return;
      stream.send(`event: rollout\ndata: ${JSON.stringify({ rolloutId: id })}\n\n`);
    });
    response.on("close", stop);
  },
});
