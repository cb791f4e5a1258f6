import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export const GITLAB_TOKEN = "glpat-stand-in";

export interface StoredNote {
  readonly id: number;
  body: string;
  readonly author: { readonly id: number };
}

/** GitLab's notes of merge request 7 in project 42, as strict as the real ones. */
export interface GitLabStandIn {
  readonly url: string;
  readonly notes: StoredNote[];
  close(): Promise<void>;
}

const ME = 5;
const MOST_NOTE = 1_000_000;

export async function startGitLabStandIn(): Promise<GitLabStandIn> {
  const notes: StoredNote[] = [];
  let lastId = 500;
  const answer = (method: string, url: URL, token: unknown, body: unknown): readonly [number, unknown] => {
    if (token !== GITLAB_TOKEN) return [401, { message: "401 Unauthorized" }];
    if (url.pathname === "/api/v4/user") return [200, { id: ME, username: "project_42_bot" }];
    const note = /^\/api\/v4\/projects\/42\/merge_requests\/7\/notes(?:\/(\d+))?$/.exec(url.pathname);
    if (!note) return [404, { message: "404 Not found" }];
    const text = (body as { body?: string } | undefined)?.body ?? "";
    if (method === "GET") {
      const [size, page] = ["per_page", "page"].map((name) => Number(url.searchParams.get(name)));
      return [200, notes.slice((page! - 1) * size!, page! * size!)];
    }
    if (method !== "DELETE" && (text === "" || text.length > MOST_NOTE))
      return [400, { message: "note is invalid" }];
    if (method === "POST") {
      const made = { id: ++lastId, body: text, author: { id: ME } };
      notes.push(made);
      return [201, made];
    }
    const at = notes.findIndex(({ id }) => id === Number(note[1]));
    if (at === -1) return [404, { message: "404 Note Not Found" }];
    // Another's note is not this token's to change.
    if (notes[at]!.author.id !== ME) return [403, { message: "403 Forbidden" }];
    if (method === "DELETE") return [204, notes.splice(at, 1) && undefined];
    notes[at]!.body = text;
    return [200, notes[at]];
  };
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (part) => (text += String(part)));
    request.on("end", () => {
      const url = new URL(request.url ?? "/", "http://stand-in");
      const body: unknown = text === "" ? undefined : JSON.parse(text);
      const [status, said] = answer(request.method ?? "", url, request.headers["private-token"], body);
      response.writeHead(status, { "content-type": "application/json" });
      response.end(said === undefined ? "" : JSON.stringify(said));
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v4`,
    notes,
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}
