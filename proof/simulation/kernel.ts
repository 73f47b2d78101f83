import type { Clock } from "../../runtime/clock/clock.ts";

/** Something that crashes as a whole: what it waits for never comes, and nothing of it goes on. */
export interface Process {
  readonly name: string;
  alive: boolean;
}

/** What a process asks of a server, on its way there or back. */
export interface Operation extends Request {
  process: Process;
  /** the effect has taken place; the reply is on its way back */
  done: boolean;
  failed: boolean;
  value: unknown;
  /** nobody waits for the reply any more */
  orphan: boolean;
  /** when the caller asked */
  askedAtMs: number;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export interface Request {
  server: "redis" | "mysql" | "zookeeper" | "broker" | "origin" | "user";
  /** for the trace */
  what: string;
  detail?: unknown;
  /** what happens at the server, all at once; what it throws is the reply */
  effect(): unknown;
  /** whether the server lets it wait for now */
  blocked?(): boolean;
  /** what the caller is told when request or reply is lost; a request without it cannot be lost */
  lost?(): unknown;
  /** a way in which the server turns it away, without any effect */
  refused?(): unknown;
  /** one way only: nobody waits for a reply */
  oneWay?: boolean;
}

interface Timer {
  atMs: number;
  process: Process;
  fire(): void;
}

/** Some day of 2027: real enough for dates, and the same in every run. */
const EPOCH_MS = 1_800_000_000_000;

/**
 * Everything that could happen next, and nothing that happens by itself: operations that wait to take effect or to be answered, and timers.
 * Whoever holds the kernel decides what happens, one step after another.
 */
export function createKernel(random: () => number, trace?: (line: string) => void) {
  const operations: Operation[] = [];
  let timers: Timer[] = [];
  let nowMs = EPOCH_MS;

  function tell(what: string, { process, server, what: name, detail }: Operation): void {
    trace?.(`${what.padEnd(9)} ${process.name.padEnd(10)} ${server} ${name} ${textOf(detail)}`);
  }

  function park(process: Process, request: Request): Operation {
    const operation: Operation = {
      ...request,
      process,
      done: false,
      failed: false,
      value: undefined,
      orphan: request.oneWay === true,
      askedAtMs: Math.floor(nowMs),
      resolve: nothing,
      reject: nothing,
    };
    operations.push(operation);
    return operation;
  }

  function remove(operation: Operation): void {
    const at = operations.indexOf(operation);
    if (at < 0) throw new Error("an operation ended twice");
    operations.splice(at, 1);
  }

  function perform(operation: Operation): void {
    try {
      operation.value = operation.effect();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      operation.failed = true;
      operation.value = error;
    }
    operation.done = true;
    tell(operation.failed ? "refused" : "effect", operation);
    if (operation.orphan) remove(operation);
  }

  function answer(operation: Operation): void {
    remove(operation);
    tell("answer", operation);
    if (operation.failed) operation.reject(operation.value);
    else operation.resolve(operation.value);
  }

  /** The caller is told that it is lost; where the effect is still to come, it may come all the same. */
  function lose(operation: Operation, fate: "never" | "later"): void {
    const error = operation.lost?.();
    tell(operation.done ? "reply lost" : `lost ${fate}`, operation);
    operation.orphan = true;
    if (operation.done || fate === "never") remove(operation);
    operation.reject(error);
  }

  return {
    operations,
    random,
    trace,
    /** wall time, in whole milliseconds as servers and Date.now tell it */
    nowMs: () => Math.floor(nowMs),
    timers: () => timers,
    perform,
    answer,
    lose,

    /** Has a process ask a server; resolves when the reply is delivered. */
    call<Value>(
      process: Process,
      request: Omit<Request, "effect"> & { effect(): Value },
    ): Promise<Value> {
      return new Promise<Value>((resolve, reject) => {
        const operation = park(process, request);
        operation.resolve = (value) => resolve(value as Value);
        operation.reject = reject;
      });
    },

    /** One way: nobody waits. One that has `lost` may be dropped. */
    send(process: Process, request: Request): void {
      park(process, { ...request, oneWay: true });
    },

    /** A reply that is on its way to a process already. */
    reply(process: Process, request: Omit<Request, "effect">, deliver: () => void): void {
      const operation = park(process, { ...request, effect: nothing });
      operation.done = true;
      operation.resolve = deliver;
    },

    drop: remove,

    refuse(operation: Operation): void {
      const error = operation.refused?.();
      remove(operation);
      tell("refused", operation);
      operation.reject(error);
    },

    clockOf: (process: Process): Clock => ({
      monotonicMs: () => nowMs,
      random,
      sleep: (waitMs) =>
        new Promise((resolve) =>
          timers.push({ atMs: nowMs + waitMs, process, fire: () => resolve() }),
        ),
    }),

    /** Gives a function that takes the timer back. */
    at(process: Process, atMs: number, fire: () => void): () => void {
      const timer = { atMs, process, fire };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },

    /** Lets time pass to the next timer and fires it; `extraMs` later than due. Up to `untilMs`, should no timer fire before that. */
    pass(extraMs = 0, untilMs = Number.POSITIVE_INFINITY): boolean {
      let next: Timer | undefined;
      for (const timer of timers) if (!next || timer.atMs < next.atMs) next = timer;
      if (untilMs < (next?.atMs ?? Number.POSITIVE_INFINITY)) {
        nowMs = Math.max(nowMs, untilMs);
        return true;
      }
      if (!next) return false;
      const due = next;
      nowMs = Math.max(nowMs, due.atMs) + extraMs;
      timers = timers.filter((timer) => timer !== due);
      trace?.(
        `time      ${due.process.name.padEnd(10)} ${((nowMs - EPOCH_MS) / 1_000).toFixed(3)} s`,
      );
      due.fire();
      return true;
    },

    /** Lets time pass without anything happening in it. */
    skip(waitMs: number): void {
      nowMs += waitMs;
    },

    /** What was on its way to a server may still arrive there; nothing comes back. */
    crash(process: Process): void {
      process.alive = false;
      trace?.(`crash     ${process.name}`);
      timers = timers.filter((timer) => timer.process !== process);
      for (const operation of operations.filter((each) => each.process === process)) {
        operation.orphan = true;
        operation.resolve = nothing;
        operation.reject = nothing;
        if (operation.done || operation.oneWay || random() < 0.5) remove(operation);
      }
    },

    /** What the process has sent one way, and what has left its machine, arrives, in order. */
    flush(process: Process): void {
      for (const operation of operations.filter((each) => each.process === process && each.oneWay))
        if (!operation.done) perform(operation);
    },
  };
}

export type Kernel = ReturnType<typeof createKernel>;

function nothing(): void {}

function textOf(detail: unknown): string {
  if (detail === undefined) return "";
  return typeof detail === "string" ? detail : JSON.stringify(detail);
}
