import type { Clock } from "../../runtime/clock/clock.ts";

/** A process that crashes as a whole: its waits never end, and none of its code continues. */
export interface Process {
  readonly name: string;
  alive: boolean;
}

/** A process' request to a server, on its way there or back. */
export interface Operation extends Request {
  process: Process;
  /** the effect has taken place and the reply is on its way back */
  done: boolean;
  failed: boolean;
  value: unknown;
  /** no caller waits for the reply any more */
  orphan: boolean;
  /** the time of the request */
  askedAtMs: number;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export interface Request {
  server: "redis" | "mysql" | "zookeeper" | "broker" | "origin" | "user";
  /** for the trace */
  what: string;
  detail?: unknown;
  /** the effect at the server, in one step; a thrown error is the reply */
  effect(): unknown;
  /** whether the server makes the request wait for now */
  blocked?(): boolean;
  /** the caller's error when request or reply is lost; a request without it cannot be lost */
  lost?(): unknown;
  /** the server's refusal, without any effect */
  refused?(): unknown;
  /** no caller waits for a reply */
  oneWay?: boolean;
}

interface Timer {
  atMs: number;
  process: Process;
  fire(): void;
}

/** A day in 2027: realistic for dates, and the same in every run. */
const EPOCH_MS = 1_800_000_000_000;

/**
 * All possible next events: operations that await their effect or their answer, and timers. Nothing
 * happens by itself. The kernel's owner decides every step.
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

  /** The caller gets the loss error. A pending effect may still happen. */
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
    /** any one of these; undefined of none */
    pick: <Item>(items: readonly Item[]): Item | undefined =>
      items[Math.floor(random() * items.length)],
    trace,
    /** wall time in whole milliseconds, as from servers and Date.now */
    nowMs: () => Math.floor(nowMs),
    timers: () => timers,
    perform,
    answer,
    lose,

    /** Sends a process' request to a server. Resolves at the delivery of the reply. */
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

    /** Sends one way, without a caller. A request with `lost` may be dropped. */
    send(process: Process, request: Request): void {
      park(process, { ...request, oneWay: true });
    },

    /** A reply that is already on its way to a process. */
    reply(process: Process, request: Omit<Request, "effect">, deliver: () => void): void {
      const operation = park(process, { ...request, effect: nothing });
      operation.done = true;
      operation.resolve = deliver;
    },

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

    /** Sets a timer. Returns a function that cancels it. */
    at(process: Process, atMs: number, fire: () => void): () => void {
      const timer = { atMs, process, fire };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },

    /**
     * Advances time to the next timer and fires it, `extraMs` late. Without a timer before
     * `untilMs`, advances to `untilMs`.
     */
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

    /** Advances time without any event. */
    skip(waitMs: number): void {
      nowMs += waitMs;
    },

    /** Crashes a process. Its requests under way may still arrive; no reply comes back. */
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

    /** The process' one-way requests that have left its machine arrive, in order. */
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
