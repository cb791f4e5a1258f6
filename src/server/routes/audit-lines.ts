import { readHashedAudit } from "../../storage/read/audit.ts";
import { auditLines, auditLinesQuery, MOST_LINES } from "../contract/records.ts";
import { answerText, defineRoute } from "../route.ts";
import { auditFilterOf } from "./records.ts";

const JSON_LINES = "application/jsonl";

export const downloadAudit = defineRoute({
  method: "GET",
  path: "/v1/audit/lines",
  summary: "The audit log as a file that can be checked by itself, a JSON text a line, the oldest first",
  about: `The newest ${MOST_LINES.toLocaleString("en")} that match. The SHA-256 of each line's \`content\` is its \`hash\`, and \`previousHash\` is that of the entry before it in its prompt's chain.`,
  allow: { permission: "read", places: "filtered" },
  limit: "heavy",
  query: auditLinesQuery,
  answers: { 200: auditLines },
  givesText: JSON_LINES,
  async run({ query, caller: { grants: seen }, parts: { db } }) {
    const lines = await readHashedAudit(db, { ...auditFilterOf(query), limit: MOST_LINES, seen });
    return answerText(200, lines.map((line) => `${JSON.stringify(line)}\n`).join(""), JSON_LINES, {
      "content-disposition": 'attachment; filename="audit.jsonl"',
    });
  },
});
