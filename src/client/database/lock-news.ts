import { visible } from "../../domain/text/visible.ts";
import type { Blocker } from "../../storage/read/blockers.ts";
import type { LockNews } from "../../use-cases/watch-lock.ts";
import { span } from "../../terminal/text-layout.ts";

/** What keeps a command waiting for a lock, in one line, with what can be done about it. */
export function lockNewsLine(news: LockNews, endsBlockers: boolean): string {
  switch (news.kind) {
    case "waiting": {
      const who = news.blockers.map(describe).join("; ");
      return `waiting for a lock that is held by ${who}${endsBlockers ? "" : ". To end what holds it: Ctrl-C, and again with --end-blockers"}`;
    }
    case "ended":
      return `ended ${describe(news.blocker)}`;
    case "not_ended":
      return `${describe(news.blocker)} could not be ended (${news.why}); somebody who may: select pg_terminate_backend(${news.blocker.pid})`;
    case "unseen":
      return `waiting for Postgres; what for cannot be seen (${news.why})`;
  }
}

function describe({ pid, application, user, openMs }: Blocker): string {
  if (pid === 0) return "a prepared transaction (select * from pg_prepared_xacts)";
  const what = [visible(application), user && `user ${visible(user)}`].filter(Boolean).join(", ");
  const since = openMs === null ? "" : `, in a transaction for ${span(openMs)}`;
  return `connection ${pid} (${what}${since})`;
}
