import { readFileSync } from "node:fs";

/*
 * Preloaded into a service (`bun --preload`), it shifts the wall clock while the service runs, by
 * the milliseconds in the file FAULT_CLOCK_FILE. The monotonic clock is unchanged, as when an
 * operator sets the time.
 */
const LOOK_EVERY_MS = 100;

const file = process.env["FAULT_CLOCK_FILE"];
const RealDate = Date;
let wrongByMs = 0;

function look(): void {
  try {
    wrongByMs = Number(readFileSync(file ?? "", "utf8")) || 0;
  } catch {
    wrongByMs = 0;
  }
}

const now = () => RealDate.now() + wrongByMs;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, self) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, self),
  apply: () => new RealDate(now()).toString(),
  get: (target, name, self) => (name === "now" ? now : Reflect.get(target, name, self)),
});

if (file) {
  look();
  setInterval(look, LOOK_EVERY_MS).unref();
}
