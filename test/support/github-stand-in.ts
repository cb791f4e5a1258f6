import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the real one takes of a comment, in characters. */
const MOST_BODY = 65_536;
const MOST_SUMMARY = 65_535;
const MOST_ANNOTATIONS = 50;
const MOST_PER_PAGE = 100;
const VERSION = "2022-11-28";

export interface StoredComment {
  readonly id: number;
  body: string;
  readonly user: { readonly login: string; readonly type: string };
  readonly author_association: string;
}

export interface StoredCheck {
  readonly id: number;
  readonly name: string;
  readonly head_sha: string;
  readonly conclusion: string;
  readonly output: { title: string; summary: string; annotations: Record<string, unknown>[] };
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** A fault for the next request that fits: answered in its place, or after it was done and its answer lost. */
export interface Fault {
  readonly method: string;
  readonly path: RegExp;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly isDone?: boolean;
}

/** GitHub's API for one repository, as strict as the real one, and a record of what was asked of it. */
export interface GitHubStandIn {
  readonly url: string;
  readonly comments: StoredComment[];
  readonly checks: StoredCheck[];
  readonly requests: SeenRequest[];
  /** What no client of the real one may do. */
  readonly violations: string[];
  readonly faults: Fault[];
  /** The next so many lists of comments are answered together: nobody sees what another has written after. */
  meet(count: number): void;
  close(): Promise<void>;
}

export const REPOSITORY = "acme/prompts";
export const TOKENS = { writes: "ghs_writes", reads: "ghs_reads" } as const;

type Answer = { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> };

export async function startGitHubStandIn(): Promise<GitHubStandIn> {
  const comments: StoredComment[] = [];
  const checks: StoredCheck[] = [];
  const requests: SeenRequest[] = [];
  const violations: string[] = [];
  const faults: Fault[] = [];
  let lastId = 1000;
  let meeting: { left: number; readonly all: Promise<void>; readonly open: () => void } | undefined;
  let url = "";

  const commentJson = (one: StoredComment) => ({
    ...one,
    html_url: `https://github.example/${REPOSITORY}/pull/7#issuecomment-${one.id}`,
  });
  const invalid = (message: string): Answer => ({
    status: 422,
    body: { message: "Validation Failed", errors: [{ message }] },
  });
  const bodyOf = (given: unknown): string | Answer => {
    const body = (given as { body?: unknown } | undefined)?.body;
    if (typeof body !== "string" || body === "") return invalid("body is missing");
    if ([...body].length > MOST_BODY) return invalid(`Body is too long (maximum is ${MOST_BODY} characters)`);
    return body;
  };

  async function list(path: URL): Promise<Answer> {
    const [size, page] = [
      Number(path.searchParams.get("per_page") ?? 30),
      Number(path.searchParams.get("page") ?? 1),
    ];
    if (size > MOST_PER_PAGE) violations.push(`per_page=${size}`);
    const seen = comments.map(commentJson);
    if (meeting && meeting.left > 0) {
      if (--meeting.left === 0) meeting.open();
      await meeting.all;
    }
    return { status: 200, body: seen.slice((page - 1) * size, page * size) };
  }

  function writeCheck(given: unknown, into?: StoredCheck): Answer {
    const check = given as Partial<StoredCheck>;
    const { output } = check;
    if (!output || (into === undefined && !/^[0-9a-f]{40}$/.test(check.head_sha ?? "")))
      return invalid("head_sha or output is missing");
    if (output.summary.length > MOST_SUMMARY) return invalid("summary is too long");
    if (output.annotations.length > MOST_ANNOTATIONS) return invalid("too many annotations");
    for (const one of output.annotations)
      if (
        !["notice", "warning", "failure"].includes(String(one["annotation_level"])) ||
        /^[/.]/.test(String(one["path"]))
      )
        return invalid(`no annotation: ${JSON.stringify(one)}`);
    if (into) {
      into.output.annotations.push(...output.annotations);
      return { status: 200, body: { id: into.id, html_url: `https://github.example/checks/${into.id}` } };
    }
    const id = ++lastId;
    checks.push({
      ...(check as StoredCheck),
      id,
      output: { ...output, annotations: [...output.annotations] },
    });
    return { status: 201, body: { id, html_url: `https://github.example/checks/${id}` } };
  }

  async function carryOut(method: string, path: URL, given: unknown): Promise<Answer> {
    const ofRepository = `/repos/${REPOSITORY}`;
    const at = path.pathname;
    if (at === `${ofRepository}/issues/7/comments`) {
      if (method === "GET") return list(path);
      const body = bodyOf(given);
      if (typeof body !== "string") return body;
      const user = { login: "github-actions[bot]", type: "Bot" };
      const made = { id: ++lastId, body, user, author_association: "NONE" };
      comments.push(made);
      return { status: 201, body: commentJson(made) };
    }
    const one = new RegExp(`^${ofRepository}/issues/comments/(\\d+)$`).exec(at);
    if (one) {
      const index = comments.findIndex(({ id }) => id === Number(one[1]));
      if (index === -1) return { status: 404, body: { message: "Not Found" } };
      if (method === "DELETE") {
        comments.splice(index, 1);
        return { status: 204 };
      }
      const body = bodyOf(given);
      if (typeof body !== "string") return body;
      comments[index]!.body = body;
      return { status: 200, body: commentJson(comments[index]!) };
    }
    if (at === `${ofRepository}/check-runs` && method === "POST") return writeCheck(given);
    const check = new RegExp(`^${ofRepository}/check-runs/(\\d+)$`).exec(at);
    if (check && method === "PATCH")
      return writeCheck(
        given,
        checks.find(({ id }) => id === Number(check[1])),
      );
    violations.push(`${method} ${at} is no route`);
    return { status: 404, body: { message: "Not Found" } };
  }

  async function answer(request: IncomingMessage, text: string): Promise<Answer> {
    const path = new URL(request.url ?? "/", "http://stand-in");
    const method = request.method ?? "";
    const { authorization, accept } = request.headers;
    if (accept !== "application/vnd.github+json") violations.push(`accept: ${accept}`);
    if (request.headers["x-github-api-version"] !== VERSION) violations.push("no version of the API");
    if (!request.headers["user-agent"]) return { status: 403, body: { message: "no user agent" } };
    const token = /^Bearer (.+)$/.exec(authorization ?? "")?.[1];
    if (token !== TOKENS.writes && token !== TOKENS.reads)
      return { status: 401, body: { message: "Bad credentials" } };
    if (method !== "GET" && token === TOKENS.reads)
      return { status: 403, body: { message: "Resource not accessible by integration" } };
    if (text !== "" && request.headers["content-type"] !== "application/json") violations.push("no JSON");
    const at = faults.findIndex((fault) => fault.method === method && fault.path.test(path.pathname));
    const [fault] = at === -1 ? [] : faults.splice(at, 1);
    const done =
      fault && !fault.isDone
        ? undefined
        : await carryOut(method, path, text === "" ? undefined : JSON.parse(text));
    return fault
      ? { status: fault.status, body: { message: "a fault" }, headers: { ...fault.headers } }
      : done!;
  }

  const server = createServer((request, response: ServerResponse) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      void answer(request, Buffer.concat(parts).toString("utf8")).then(({ status, body, headers }) => {
        requests.push({ method: request.method ?? "", path: request.url ?? "", status });
        response.writeHead(status, { "content-type": "application/json", ...headers });
        response.end(body === undefined ? "" : JSON.stringify(body));
      });
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    comments,
    checks,
    requests,
    violations,
    faults,
    meet(count) {
      let open = () => {};
      const all = new Promise<void>((opened) => (open = opened));
      meeting = { left: count, all, open };
    },
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}
