import type { Answer, Connections } from "./connections.ts";

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

/** Open loop, until the last answer. */
export async function openLoop(load: Load, pace: Pace): Promise<Pressed> {
  const pressed = nothingPressed();
  const startedMs = performance.now();
  const sent = await sendEvenly(load, pace, () => pressed);
  while (pressed.count < sent) await Bun.sleep(TICK_MS);
  pressed.seconds = (performance.now() - startedMs) / 1_000;
  return pressed;
}

/**
 * Open loop, observed second by second. An answer counts in the second of its arrival, even if its
 * request belongs to an earlier call of the returned function.
 */
export function openLoopBySecond(load: Load) {
  let current = nothingPressed();
  return async function pressFor({
    seconds,
    onSecond,
    perSecond,
  }: Pace & { onSecond: (pressed: Pressed, second: number) => void }): Promise<Pressed> {
    const total = nothingPressed();
    for (let second = 1; second <= seconds; second += 1) {
      await sendEvenly(load, { perSecond, seconds: 1 }, () => current);
      onSecond(current, second);
      add(total, current);
      current = nothingPressed();
    }
    return { ...total, seconds };
  };
}

/** Requests that are due evenly, independent of earlier answers. */
export interface Pace {
  perSecond: number;
  seconds: number;
}

const TICK_MS = 1;

/**
 * Sends each request when it is due, if a connection is free. A time counts from the request's due
 * moment, not from its sending. Returns the number sent, before their last answers.
 *
 * @param into where an answer counts when it comes
 */
async function sendEvenly(
  { connections, next }: Load,
  { perSecond, seconds }: Pace,
  into: () => Pressed,
): Promise<number> {
  const startedMs = performance.now();
  const total = Math.round(perSecond * seconds);
  let sent = 0;
  for (let due = 0; due < total; await Bun.sleep(TICK_MS)) {
    const elapsedMs = performance.now() - startedMs;
    for (; due < total && due <= (perSecond * elapsedMs) / 1_000; due += 1) {
      const dueMs = startedMs + (due / perSecond) * 1_000;
      const request = connections.free() > 0 ? next() : undefined;
      if (request === undefined) into().unsent += 1;
      else {
        connections.send(request, (answer) => count(into(), answer, dueMs));
        sent += 1;
      }
    }
  }
  return sent;
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

function add(total: Pressed, { answers, timesMs, count, unsent }: Pressed): void {
  total.count += count;
  total.unsent += unsent;
  for (const [name, times] of Object.entries(timesMs)) {
    total.answers[name] = (total.answers[name] ?? 0) + (answers[name] ?? 0);
    total.timesMs[name] = (total.timesMs[name] ?? []).concat(times);
  }
}

/**
 * The status, and the code of a refusal, the state of a reservation or lecture, or `queued` of a
 * command that the origin has queued.
 */
function nameOf({ status, body }: Answer): string {
  const [, word, queued] = /"(?:code|state|status)":"(\w+)"|"(queued)":true/.exec(body) ?? [];
  const name = word ?? queued;
  return name ? `${status} ${name}` : String(status);
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
