import * as v from "valibot";
import { askHost, type HostAnswer, type HostApi, readAnswer } from "../hosts/host-request.ts";
import type { CommentStore, HostComment } from "../hosts/upsert-comment.ts";
import type { CiRunner } from "../runner.ts";

const PAGE = 100;
/** Who may write in the repository, by GitHub's own words; a stranger's comment with the marker is not taken. */
const TRUSTED = new Set(["OWNER", "MEMBER", "COLLABORATOR"]);

const comment = v.object({
  id: v.number(),
  body: v.optional(v.nullable(v.string()), ""),
  html_url: v.string(),
  user: v.nullable(v.object({ type: v.string() })),
  author_association: v.optional(v.string(), "NONE"),
});

export function gitHubApi({ apiUrl, token }: CiRunner & { readonly token: string }): HostApi {
  return {
    name: "GitHub",
    variable: "GITHUB_API_URL",
    url: apiUrl,
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${token}`,
      "user-agent": "sluice",
      "x-github-api-version": "2022-11-28",
    },
    secrets: [token],
  };
}

/** The comments of a pull request at GitHub, where it is an issue too. */
export function gitHubComments(api: HostApi, repository: string, pullRequest: number): CommentStore {
  const ofPull = `/repos/${repository}/issues/${pullRequest}/comments`;
  const one = (id: number) => `/repos/${repository}/issues/comments/${id}`;
  return {
    async beginningWith(start) {
      const found: HostComment[] = [];
      for (let page = 1; ; page++) {
        const answer = await askHost(api, { method: "GET", path: `${ofPull}?per_page=${PAGE}&page=${page}` });
        const read = readAnswer(api, v.array(comment), answer);
        for (const { id, body, html_url: url, user, author_association: association } of read)
          if (body?.startsWith(start) && (user?.type === "Bot" || TRUSTED.has(association)))
            found.push({ id, body, url });
        if (read.length < PAGE) return found;
      }
    },
    create: async (body) =>
      written(api, await askHost(api, { method: "POST", path: ofPull, body: { body }, repeats: false })),
    update: async (id, body) =>
      written(api, await askHost(api, { method: "PATCH", path: one(id), body: { body } })),
    async remove(id) {
      await askHost(api, { method: "DELETE", path: one(id) });
    },
  };
}

function written(api: HostApi, answer: HostAnswer): HostComment {
  const { id, body, html_url: url } = readAnswer(api, comment, answer);
  return { id, body: body ?? "", url };
}
