/** Preloaded (`node --import`) into a process whose clock is to be wrong: by CLOCK_SHIFT_MS, and once more that far at SIGUSR2. */
const step = Number(process.env["CLOCK_SHIFT_MS"]);
let shift = step;
const RealDate = Date;
const now = () => RealDate.now() + shift;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, given: unknown[], derived) =>
    Reflect.construct(target, given.length === 0 ? [now()] : given, derived) as object,
  apply: () => new RealDate(now()).toString(),
  get: (target, name, receiver) => (name === "now" ? now : (Reflect.get(target, name, receiver) as unknown)),
});
process.on("SIGUSR2", () => (shift += step));

export {};
