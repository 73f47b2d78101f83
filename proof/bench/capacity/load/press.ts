import type { Answer, Connections } from "../../overload/connections.ts";

/** The result of a load. */
export interface Pressed {
  /** the number of each answer: `201 confirmed`, `409 sold_out` */
  answers: Record<string, number>;
  /** the answers' times, in milliseconds */
  timesMs: Record<string, number[]>;
  /** the total of answers */
  count: number;
  /** from the first request to the last answer */
  seconds: number;
  /** open loop: requests that were due while every connection was busy, and were never sent */
  unsent: number;
}

export interface Load {
  connections: Connections;
  /** the text of the next request; undefined at the end */
  next: () => string | undefined;
}

/** Closed loop: `clients` requests are under way until `seconds` are over or no request is left. */
export async function closedLoop(
  { connections, next }: Load,
  { clients, seconds = Number.POSITIVE_INFINITY }: { clients: number; seconds?: number },
): Promise<Pressed> {
  const pressed = nothingPressed();
  const startedMs = performance.now();
  const loop = (resolve: () => void): void => {
    const nowMs = performance.now();
    const request = nowMs - startedMs < seconds * 1_000 ? next() : undefined;
    if (request === undefined) {
      resolve();
      return;
    }
    const sent = connections.send(request, (answer) => {
      count(pressed, answer, nowMs);
      loop(resolve);
    });
    if (!sent) throw new Error(`${clients} clients need as many connections`);
  };
  await Promise.all(Array.from({ length: clients }, () => new Promise<void>(loop)));
  pressed.seconds = (performance.now() - startedMs) / 1_000;
  return pressed;
}

const TICK_MS = 1;

/**
 * Open loop: `perSecond` requests are due, evenly, independent of earlier ones. A time counts from
 * the request's due moment, not from its sending.
 */
export async function openLoop(
  { connections, next }: Load,
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<Pressed> {
  const pressed = nothingPressed();
  const startedMs = performance.now();
  const total = Math.round(perSecond * seconds);
  let underWay = 0;
  for (let due = 0; due < total; ) {
    const dueMs = startedMs + (due / perSecond) * 1_000;
    if (performance.now() < dueMs) {
      await Bun.sleep(TICK_MS);
      continue;
    }
    due += 1;
    const request = connections.free() > 0 ? next() : undefined;
    if (request === undefined) {
      pressed.unsent += 1;
      continue;
    }
    underWay += 1;
    connections.send(request, (answer) => {
      count(pressed, answer, dueMs);
      underWay -= 1;
    });
  }
  while (underWay > 0) await Bun.sleep(TICK_MS);
  pressed.seconds = (performance.now() - startedMs) / 1_000;
  return pressed;
}

function nothingPressed(): Pressed {
  return { answers: {}, timesMs: {}, count: 0, seconds: 0, unsent: 0 };
}

function count(pressed: Pressed, answer: Answer, sinceMs: number): void {
  const name = nameOf(answer);
  pressed.count += 1;
  pressed.answers[name] = (pressed.answers[name] ?? 0) + 1;
  const times = pressed.timesMs[name] ?? [];
  times.push(performance.now() - sinceMs);
  pressed.timesMs[name] = times;
}

/** The status, and the code of a refusal or the state of a reservation or lecture. */
function nameOf({ status, body }: Answer): string {
  const word = /"(?:code|state|status)":"(\w+)"/.exec(body)?.[1];
  return word ? `${status} ${word}` : String(status);
}

/**
 * Throws on any other answer, with the answers received: the cost of something else must not be
 * reported.
 */
export function expectAnswers({ answers }: Pressed, ...expected: string[]): void {
  const others = Object.entries(answers).filter(([name]) => !expected.includes(name));
  if (others.length === 0) return;
  const came = others.map(([name, times]) => `${times} × ${name}`).join(", ");
  throw new Error(`only ${expected.join(" or ")} was expected, but there came ${came}`);
}
