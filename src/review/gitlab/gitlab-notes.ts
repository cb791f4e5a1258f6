import * as v from "valibot";
import { askHost, type HostAnswer, type HostApi, readAnswer } from "../hosts/host-request.ts";
import type { CommentStore, HostComment } from "../hosts/upsert-comment.ts";
import type { CiRunner } from "../runner.ts";

const PAGE = 100;

const note = v.object({ id: v.number(), body: v.string(), author: v.object({ id: v.number() }) });
const self = v.object({ id: v.number() });

/** GitLab's API. A job's own token may not write notes: it takes a project's access token. */
export function gitLabApi({ apiUrl, token }: CiRunner & { readonly token: string }): HostApi {
  return {
    name: "GitLab",
    variable: "CI_API_V4_URL",
    url: apiUrl,
    headers: { accept: "application/json", "private-token": token, "user-agent": "sluice" },
    secrets: [token],
  };
}

/** The notes of a merge request at GitLab that the token's own user wrote. */
export function gitLabNotes(api: HostApi, project: string, mergeRequest: number): CommentStore {
  const all = `/projects/${encodeURIComponent(project)}/merge_requests/${mergeRequest}/notes`;
  let me: Promise<number> | undefined;
  return {
    async beginningWith(start) {
      me ??= askHost(api, { method: "GET", path: "/user" }).then(
        (answer) => readAnswer(api, self, answer).id,
      );
      const own = await me;
      const found: HostComment[] = [];
      for (let page = 1; ; page++) {
        const query = `per_page=${PAGE}&page=${page}&sort=asc&order_by=created_at`;
        const read = readAnswer(
          api,
          v.array(note),
          await askHost(api, { method: "GET", path: `${all}?${query}` }),
        );
        for (const { id, body, author } of read)
          if (author.id === own && body.startsWith(start)) found.push({ id, body, url: null });
        if (read.length < PAGE) return found;
      }
    },
    create: async (body) =>
      written(api, await askHost(api, { method: "POST", path: all, body: { body }, repeats: false })),
    update: async (id, body) =>
      written(api, await askHost(api, { method: "PUT", path: `${all}/${id}`, body: { body } })),
    async remove(id) {
      await askHost(api, { method: "DELETE", path: `${all}/${id}` });
    },
  };
}

function written(api: HostApi, answer: HostAnswer): HostComment {
  const { id, body } = readAnswer(api, note, answer);
  return { id, body, url: null };
}
