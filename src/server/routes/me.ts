import { PERMISSIONS, roleMay } from "../../domain/access/permissions.ts";
import { aboutMe } from "../contract/records.ts";
import { answer, defineServing } from "../route.ts";

export const getMe = defineServing({
  method: "GET",
  path: "/v1/me",
  summary: "Who asks, and what they may do",
  allow: "any key",
  limit: "read",
  answers: { 200: aboutMe },
  run: async ({ caller: { key, grants } }) =>
    answer(200, {
      id: key.id,
      kind: key.kind,
      session: key.session,
      expiresAt: key.expiresInMs === null ? null : new Date(Date.now() + key.expiresInMs).toISOString(),
      name: key.name,
      role: key.role,
      owner: key.owner,
      grants,
      permissions: PERMISSIONS.filter(
        (permission) => roleMay(key.role, permission) || (permission === "force" && grants.force === true),
      ),
    }),
});
