import { checkDocument } from "../../use-cases/check-document.ts";
import { checkBody, checkedDocument } from "../contract/checking.ts";
import { answer, defineRoute } from "../route.ts";
import { placeOfScope, scopeOf } from "../scope-of.ts";

export const checkFile = defineRoute({
  method: "POST",
  path: "/v1/check",
  summary: "What is to be said of a prompt file before it is pushed",
  about:
    "What keeps it from being a version (`problems`), what the built-in checks find, and what its own text costs beside what is live. Keeps nothing.",
  allow: { permission: "author", places: ({ body }) => ({ ...placeOfScope(body), use: "read" }) },
  limit: "write",
  bodyLimit: 4 << 20,
  body: checkBody,
  answers: { 200: checkedDocument },
  idempotency: "natural",
  async run({ body, caller, parts: { db } }) {
    const { prompt, file } = body;
    const text = JSON.stringify({ name: prompt, ...file }, null, 2);
    const document = { text, name: "body.file", scope: scopeOf(body), seen: caller.grants };
    return answer(200, await checkDocument(db, document));
  },
});
