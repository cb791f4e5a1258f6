import { allowsPrompt, allowsReading } from "../../domain/access/grants.ts";
import { defineStream } from "../route.ts";

const AUTHORED_KINDS = ["version", "draft", "evaluation"] as const;

export const followChanges = defineStream({
  method: "GET",
  path: "/v1/changes",
  summary:
    "Server-sent events: pointers that move, rollouts in which something happens, new versions, drafts and evaluations",
  about:
    "`event: pointer` with its scope, `event: rollout` with its id, `event: version`, `event: draft` and `event: evaluation` with prompt and number or id: names only, for whoever then asks. Of what the key was granted.",
  allow: { permission: "read", places: "filtered" },
  limit: "read",
  open({ caller, parts }, response) {
    const stream = parts.streams.add(response, {
      keyId: caller.key.id,
      sees: (scope) => allowsReading(caller.grants, scope),
      stillLet: caller.stillGood,
    });
    const stopAuthored = parts.authored.listen((authored) => {
      // What was written while nothing was heard is not known.
      if (!authored)
        return stream.send(AUTHORED_KINDS.map((kind) => `event: ${kind}\ndata: {}\n\n`).join(""));
      const { kind, ...what } = authored;
      if (allowsPrompt(caller.grants, what.prompt))
        stream.send(`event: ${kind}\ndata: ${JSON.stringify(what)}\n\n`);
    });
    const stopRollouts = parts.news.listen(({ id, label, prompt, tenant }) => {
      if (!allowsReading(caller.grants, { label, prompt, tenant })) return;
      stream.send(`event: rollout\ndata: ${JSON.stringify({ rolloutId: id })}\n\n`);
    });
    response.on("close", () => {
      stopAuthored();
      stopRollouts();
    });
  },
});
