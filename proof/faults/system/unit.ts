import { mkdirSync } from "node:fs";
import { paths } from "../../../stack/layout.ts";
import type { Part } from "../../../stack/part.ts";
import type { Plan } from "../../../stack/plan.ts";
import {
  type Child,
  describeEnding,
  type Launch,
  launch,
  type ProcessId,
  stop,
} from "../../../stack/processes.ts";
import { complaintIn } from "../../../stack/program-log.ts";
import { forgetProcess, recordProcess } from "../../../stack/records.ts";
import { passing } from "../../../stack/trouble.ts";

export interface UnitOptions {
  name: string;
  plan: Plan;
  part: Part;
  /** changes the way it starts */
  launchAs?: (what: Launch) => Launch;
  /** called when the process ends by itself */
  onOwnEnding: (what: string) => void;
  /** the wait before a restart in milliseconds, longer each time after quick endings */
  restartAfterMs?: number;
}

export type Unit = ReturnType<typeof superviseUnit>;

const RESTART_AFTER_MS = 300;
const RESTART_AFTER_MAX_MS = 5_000;
const STEADY_MS = 5_000;
const POLL_MS = 50;

/**
 * One process of the system under faults. It restarts whenever it ends, as under a process manager,
 * unless it is held down.
 */
export function superviseUnit({
  name,
  plan,
  part,
  launchAs = (what) => what,
  onOwnEnding,
  restartAfterMs = RESTART_AFTER_MS,
}: UnitOptions) {
  mkdirSync(plan.dir, { recursive: true, mode: 0o700 });
  let launched: Launch | undefined;
  let child: (Child & { startedAtMs: number }) | undefined;
  let restartTimer: Timer | undefined;
  let isHeldDown = false;
  let isClosed = false;
  /** the process that a fault has ended */
  let killed: ProcessId | undefined;
  let quickEndings = 0;

  async function start(signal: AbortSignal): Promise<void> {
    const what = launchAs(await part.prepare(plan, signal));
    if (isClosed || isHeldDown || child) return;
    launched = what;
    const started = {
      ...launch(what, paths.log(plan.dir, part.name)),
      startedAtMs: performance.now(),
    };
    child = started;
    recordProcess(plan.dir, part.name, started.id);
    started.ended.then((ending) => {
      forgetProcess(plan.dir, part.name, started.id);
      if (child === started) child = undefined;
      if (isClosed) return;
      if (killed?.startTicks !== started.id.startTicks)
        onOwnEnding(`${name} ${describeEnding(ending)}: ${complaintIn(started.output)}`);
      if (!isHeldDown) restart(started.startedAtMs);
    });
  }

  function restart(startedAtMs: number): void {
    quickEndings = performance.now() - startedAtMs < STEADY_MS ? quickEndings + 1 : 0;
    const doubledMs = restartAfterMs * 2 ** Math.max(0, quickEndings - 1);
    clearTimeout(restartTimer);
    restartTimer = setTimeout(
      () => {
        start(new AbortController().signal).catch((error: unknown) =>
          onOwnEnding(`${name}: ${error}`),
        );
      },
      Math.min(doubledMs, RESTART_AFTER_MAX_MS),
    );
  }

  return {
    plan,
    start,
    pid: () => child?.id.pid,
    /** the launch of its last start */
    launched: () => launched,
    log: paths.log(plan.dir, part.name),

    /** Waits until the process works. Rejects after `withinMs`, or when `signal` fires. */
    async untilReady(withinMs: number, signal?: AbortSignal): Promise<void> {
      const endsAtMs = performance.now() + withinMs;
      for (;;) {
        const trouble = child ? await part.probe(plan) : passing("it does not run");
        if (!trouble) break;
        signal?.throwIfAborted();
        if (performance.now() > endsAtMs)
          throw new Error(`${name} is not ready after ${withinMs / 1_000} s: ${trouble.why}`);
        await Bun.sleep(POLL_MS);
      }
      part.onReady?.(plan);
    },

    /** Sends a signal. After SIGKILL the process restarts in a moment, or when it is let up. */
    signal(signal: NodeJS.Signals): void {
      if (!child) return;
      if (signal === "SIGKILL") killed = child.id;
      process.kill(child.id.pid, signal);
    },

    /** Ends the process at once and keeps it down. Resolves when it has ended. */
    async holdDown(): Promise<void> {
      isHeldDown = true;
      clearTimeout(restartTimer);
      const running = child;
      if (!running) return;
      killed = running.id;
      process.kill(running.id.pid, "SIGKILL");
      await running.ended;
    },

    /** Starts the process again after `holdDown`. */
    async letUp(signal: AbortSignal): Promise<void> {
      isHeldDown = false;
      await start(signal);
    },

    /** Ends the process in order, for good. */
    async close(hurry: AbortSignal): Promise<void> {
      isClosed = true;
      clearTimeout(restartTimer);
      const running = child;
      if (!running) return;
      await stop(running.id, part.stopWithinMs, hurry);
      await running.ended;
    },
  };
}
