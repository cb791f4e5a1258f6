/** One event of a `text/event-stream`. */
export interface StreamEvent {
  readonly event: string;
  readonly data: string;
}

/** Longest event that is taken; a server that sends more is not one of ours. */
const MAX_LENGTH = 1_000_000;

/** Events of a response's body as they come (the event stream format of the HTML standard; comments are skipped). */
export async function* readEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<StreamEvent> {
  const decoder = new TextDecoder();
  let text = "";
  let event = "message";
  let data: string[] = [];
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    for (;;) {
      const end = /\r\n|\n|\r(?=[^])/.exec(text);
      if (!end) break;
      const line = text.slice(0, end.index);
      text = text.slice(end.index + end[0].length);
      if (line === "") {
        if (data.length > 0) yield { event, data: data.join("\n") };
        event = "message";
        data = [];
      } else if (!line.startsWith(":")) {
        const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line)!;
        if (field === "event") event = value!;
        else if (field === "data") data.push(value!);
      }
    }
    if (text.length > MAX_LENGTH) throw new Error("the event stream sent a line that is too long");
  }
}
