/** Loaded before a server: it says on stdout when it has handed the last stream's bytes to the system. */
import { Streams } from "../src/server/streams.ts";

const method = Object.getOwnPropertyDescriptor(Streams.prototype, "pointerMoved")!;
const tell = method.value as Streams["pointerMoved"];
Streams.prototype.pointerMoved = function (this: Streams, ...moved) {
  tell.apply(this, moved);
  process.stdout.write(`told ${performance.timeOrigin + performance.now()}\n`);
};
