import type {
  IncomingHttpHeaders,
  IncomingMessage,
  RequestListener,
  Server,
  ServerResponse,
} from "node:http";
import { roleMay } from "../domain/access/permissions.ts";
import { GRANTS_HEADER } from "./auth/narrowed.ts";
import type { Caller } from "./caller.ts";
import { harmlessJson } from "./requests/json-body.ts";
import type { KnownInputs, RouteInput } from "./requests/known-inputs.ts";
import { readInput } from "./requests/read-input.ts";
import { requestIdOf } from "./requests/request-id.ts";
import type { RequestLog } from "./requests/request-log.ts";
import { rewritePromptName } from "./requests/rewrite-prompt-name.ts";
import type { JsonRoute, WrittenAnswer } from "./route.ts";
import type { ServingParts } from "./serving-parts.ts";
import { sendWritten } from "./send-written.ts";

/** A route that can answer from memory, as it was mounted. */
export interface FastRoute {
  readonly route: JsonRoute;
  readonly parts: ServingParts;
  /** What has come before, by its text. */
  readonly inputs: KnownInputs | undefined;
}

interface CountedRoute extends FastRoute {
  readonly count: (ms: number) => void;
}

/** What the fast path has done for a request before it left it to the usual one. */
interface Left {
  /** Thrown in the place of an answer. */
  readonly error?: Error;
}

/** Of a body that is looked at here. */
const MOST_BYTES = 64 << 10;
const JSON_TYPES = new Set(["application/json", "application/json; charset=utf-8"]);
const NOTHING_GIVEN = {};

const LEFT = new WeakMap<IncomingMessage, Left>();

/** What was done for a request already: its token was taken, and maybe its route has failed. */
export function leftByFastPath(request: IncomingMessage): Left | undefined {
  return LEFT.get(request);
}

/**
 * In front of the router: what is asked thousands of times a second by callers that are known, and can be answered from
 * memory, is answered here, in the same words. Whatever it is not sure of it leaves to the usual path as it came, so
 * that there is one place where requests are refused, and one where bodies are judged.
 */
export class FastPath {
  readonly #gets: CountedRoute[] = [];
  readonly #posts = new Map<string, CountedRoute>();
  readonly #usual: RequestListener;
  readonly #requests: RequestLog;

  /** Takes the place of what a server does with a request. */
  constructor(server: Server, requests: RequestLog) {
    const [usual] = server.listeners("request") as RequestListener[];
    if (!usual) throw new Error("the server has nothing to answer with");
    this.#usual = usual;
    this.#requests = requests;
    server.removeListener("request", usual);
    server.on("request", (request, response) => {
      if (!this.#take(request, response)) usual(request, response);
    });
  }

  add(fast: FastRoute): void {
    const { method, path } = fast.route;
    const counted = { ...fast, count: this.#requests.counter(method, path) };
    if (method === "GET") this.#gets.push(counted);
    else if (method === "POST") this.#posts.set(path, counted);
  }

  /** Whether it is answered here, or will be. */
  #take(request: IncomingMessage, response: ServerResponse): boolean {
    const { method, url } = request;
    if (method === "GET") return this.#takeGet(request, response);
    const fast = method === "POST" ? this.#posts.get(url!) : undefined;
    if (!fast || !isPlainBody(request.headers, fast.route)) return false;
    const since = performance.now();
    const caller = admitted(fast, request.headers);
    if (!caller) return false;
    // By then a body that came together with its head is there; one that did not is waited for elsewhere.
    process.nextTick(answerPost, this.#usual, { fast, request, response, caller, since });
    return true;
  }

  #takeGet(request: IncomingMessage, response: ServerResponse): boolean {
    const url = rewritePromptName(request.url!);
    for (const fast of this.#gets) {
      const known = fast.inputs?.find(url);
      if (!known) continue;
      const since = performance.now();
      const caller = "content-length" in request.headers ? undefined : admitted(fast, request.headers);
      return caller !== undefined && answerAtOnce({ fast, request, response, caller, since }, known.input);
    }
    return false;
  }
}

/** A request that is let in. */
interface Taken {
  readonly fast: CountedRoute;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly caller: Caller;
  readonly since: number;
}

/** Whoever may use the route, and has not sent too much; what a refusal says is for the usual path. */
function admitted({ route, parts }: FastRoute, headers: IncomingHttpHeaders): Caller | undefined {
  if (parts.closing.aborted || isUnusual(headers)) return undefined;
  const caller = parts.callers.find(headers.authorization);
  if (!caller || !isLet(route, caller)) return undefined;
  return parts.limits.take(caller.key.account, route.limit) === undefined ? caller : undefined;
}

/** Whether it says something that the fast path knows nothing of. */
function isUnusual(headers: IncomingHttpHeaders): boolean {
  return (
    headers.origin !== undefined ||
    headers[GRANTS_HEADER] !== undefined ||
    headers["idempotency-key"] !== undefined ||
    headers["transfer-encoding"] !== undefined ||
    headers["content-encoding"] !== undefined
  );
}

function isLet({ allow }: JsonRoute, { key }: Caller): boolean {
  return typeof allow === "object" && !allow.needsKey && roleMay(key.role, allow.permission);
}

function isPlainBody(headers: IncomingHttpHeaders, { bodyLimit = MOST_BYTES }: JsonRoute): boolean {
  const length = Number(headers["content-length"]);
  const most = Math.min(MOST_BYTES, bodyLimit);
  return length > 0 && length <= most && JSON_TYPES.has(headers["content-type"] ?? "");
}

function answerPost(usual: RequestListener, taken: Taken): void {
  const { fast, request, response, caller } = taken;
  const bytes = request.read() as Buffer | null;
  const leave = (left: Left) => {
    LEFT.set(request, left);
    usual(request, response);
  };
  const isWhole = bytes?.length === Number(request.headers["content-length"]);
  const input = isWhole ? inputOf(fast, bytes.toString("utf8")) : undefined;
  if (input && fast.route.atOnce && answerAtOnce(taken, input)) return;
  // It is there to be read again by whoever else answers.
  if (bytes) request.unshift(bytes);
  const later =
    input && fast.route.soon?.({ ...input, caller, parts: fast.parts, ifNoneMatch: undefined } as never);
  if (!later) return leave(LEFT.get(request) ?? {});
  later.then(
    (written) => {
      send(taken, written);
      request.resume();
    },
    (error: Error) => leave({ error }),
  );
}

function inputOf({ route, inputs }: FastRoute, text: string): RouteInput | undefined {
  if (inputs) return inputs.find(text)?.input;
  const body = harmlessJson(text);
  if (body === undefined) return undefined;
  try {
    const mayHaveLists = text.includes("[");
    if (!mayHaveLists && route.isPlain?.(body)) return { params: undefined, query: undefined, body };
    return readInput(route, { params: NOTHING_GIVEN, query: NOTHING_GIVEN, body }, mayHaveLists);
  } catch {
    // What is wrong with it is said by the usual path.
    return undefined;
  }
}

/** Whether it is answered; otherwise it is noted what was done. */
function answerAtOnce(taken: Taken, { params, query, body }: RouteInput): boolean {
  const { fast, request, caller } = taken;
  const { route, parts } = fast;
  const ifNoneMatch = request.headers["if-none-match"];
  try {
    const written = route.atOnce?.({ params, query, body, caller, parts, ifNoneMatch } as never);
    if (written) send(taken, written);
    else LEFT.set(request, {});
    return written !== undefined;
  } catch (error) {
    LEFT.set(request, { error: error as Error });
    return false;
  }
}

function send({ fast, request, response, since }: Taken, written: WrittenAnswer): void {
  sendWritten(response, requestIdOf(request.headers["x-request-id"]), written);
  fast.count(performance.now() - since);
}
