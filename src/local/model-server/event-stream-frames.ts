import { crc32 } from "node:zlib";

const STRING = 7;

/** One message of AWS's event stream: its length twice guarded, headers by name, and a payload. */
function frame(headers: Readonly<Record<string, string>>, payload: unknown): Buffer {
  const head = Buffer.concat(
    Object.entries(headers).map(([name, value]) => {
      const lengths = Buffer.from([STRING, value.length >> 8, value.length & 0xff]);
      return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), lengths, Buffer.from(value)]);
    }),
  );
  const body = Buffer.from(JSON.stringify(payload));
  const prelude = Buffer.alloc(8);
  prelude.writeUInt32BE(16 + head.length + body.length, 0);
  prelude.writeUInt32BE(head.length, 4);
  const message = Buffer.concat([prelude, checksum(prelude), head, body]);
  return Buffer.concat([message, checksum(message)]);
}

function checksum(bytes: Buffer): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum;
}

/** What Bedrock calls what it says in the middle of an answer. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  server_error: "modelStreamErrorException",
  overloaded_error: "serviceUnavailableException",
};

/** A server-sent event of Anthropic's as Bedrock frames it. */
export function framed(event: string): Buffer {
  const data = JSON.parse(/^data: (.*)$/m.exec(event)![1]!) as {
    readonly type?: unknown;
    readonly error?: { readonly type: string; readonly message: string };
  };
  if (data.type === "error" && data.error)
    return frame(
      {
        ":exception-type": EXCEPTIONS[data.error.type] ?? "internalServerException",
        ":content-type": "application/json",
        ":message-type": "exception",
      },
      { message: data.error.message },
    );
  return frame(
    { ":event-type": "chunk", ":content-type": "application/json", ":message-type": "event" },
    { bytes: Buffer.from(JSON.stringify(data)).toString("base64") },
  );
}
