import { drainMicrotasks } from "bun:jsc";
import type { Command } from "../../contract/command.ts";
import { LOST_WORKERS_MAX } from "../../worker/dead-letters.ts";
import { seededRandom } from "../kit/random.ts";
import { Breach } from "./breach.ts";
import { createFaults } from "./faults.ts";
import { focused } from "./focus.ts";
import type { Edge } from "./front.ts";
import { createChecks } from "./guarantees.ts";
import type { Operation, Process } from "./kernel.ts";
import { drawProfile } from "./profile.ts";
import { checkRest, whatMoves } from "./rest.ts";
import type { Intent } from "./rids.ts";
import { createWorld, type World } from "./world.ts";

/** How a world ended: at rest with every guarantee kept, or with the first breach. */
export interface Outcome {
  seed: number;
  steps: number;
  breach?: Breach;
}

export interface RunOptions {
  seed: number;
  intents: Intent[][][];
  trace?: (line: string) => void;
}

/** G6: every accepted wish is decided within this time after the last fault. */
const HEALS_WITHIN_MS = 60_000;

/** The limit of steps at one moment: no world needs a tenth of them. */
const CALM_STEPS_MAX = 100_000;

/** With fewer operations under way than this, the workers only look for work. */
const QUIET = 5;

/** The number of candidate operations tried before time passes instead. */
const TRIES = 4;

/** Steps one world to its end. Everything in it follows from the seed. */
export function run({ seed, intents, trace }: RunOptions): Outcome {
  const random = seededRandom(seed);
  const profile = focused(drawProfile(random), seed);
  trace?.(`world     ${JSON.stringify(profile)}`);
  const world = createWorld({ profile, intents, random, ...(trace && { trace }) });
  const stepper = createStepper(world);
  try {
    startEverything(world);
    drainMicrotasks();
    stepper.rage();
    stepper.heal();
    return { seed, steps: stepper.steps() };
  } catch (error) {
    if (!(error instanceof Breach)) throw error;
    trace?.(`BREACH    ${error.message}`);
    return { seed, steps: stepper.steps(), breach: error };
  }
}

function startEverything(world: World): void {
  const { workers, origins, edges } = world.profile;
  for (let at = 0; at < edges; at += 1) world.startEdge(`edge ${at}`);
  for (let at = 0; at < origins; at += 1) world.startOrigin(`origin ${at}`);
  for (let at = 0; at < workers; at += 1) world.startWorker(`worker ${at}`);
  world.leaders.add("worker 0");
}

/** Whether a command of this kind may end without a decision, after the loss of many workers. */
const MAY_BE_GIVEN_UP: Record<Command["kind"], boolean> = {
  reserve: false,
  cancel: true,
  amend: true,
};

function createStepper(world: World) {
  const { profile, kernel, broker, journal } = world;
  const { random } = kernel;
  const checks = createChecks(world);
  const faults = createFaults(world);
  let steps = 0;
  let faultsLeft = profile.faults;
  let actsLeft = profile.acts;
  let amendsLeft = profile.amends;
  /**
   * the duration of operations until all is at rest; afterwards the workers' looks may take no time
   */
  let { slowMs } = profile;

  broker.onLoss((kind, rid) => {
    const lost = (journal.lostWith.get(rid) ?? 0) + 1;
    journal.lostWith.set(rid, lost);
    if (MAY_BE_GIVEN_UP[kind] && lost >= LOST_WORKERS_MAX) journal.givenUp.add(rid);
  });
  broker.onBurial((kind, rid) => {
    const mayEnd = MAY_BE_GIVEN_UP[kind] || broker.holds(rid) || world.mysql.tables.rows().has(rid);
    if (!mayEnd)
      world.blame(new Breach("G7", `the dead letter of ${rid} is gone, and was never decided`));
  });

  function settle(): void {
    steps += 1;
    checks.afterStep();
  }

  function act(): boolean {
    const edge = kernel.pick([...world.edges.values()].filter(({ process }) => process.alive));
    if (!edge) return false;
    actsLeft -= 1;
    actOn(edge).catch(world.blameBreach);
    return true;
  }

  /** An organiser changes a lecture. */
  function amend(): boolean {
    const edge = kernel.pick([...world.edges.values()].filter(({ process }) => process.alive));
    const command = world.amends.draw(world.lectureIds, kernel.nowMs());
    if (!edge || !command) return false;
    amendsLeft -= 1;
    kernel.trace?.(`organiser ${command.rid} ${JSON.stringify(command)}`);
    edge.amend(command, random() < 0.3 ? 2_000 : 0).catch(world.blameBreach);
    return true;
  }

  function actOn(edge: Edge): Promise<void> {
    const intent = drawIntent(world);
    const dice = random();
    kernel.trace?.(
      `user      ${intent.userId} ${intent.rid} ${dice < 0.55 ? "presses" : dice < 0.75 ? "cancels" : "asks"}`,
    );
    if (dice < 0.55 || !journal.asked.has(intent.rid))
      return edge.press(intent, random() < 0.3 ? 2_000 : 0);
    return dice < 0.75 ? edge.cancel(intent) : edge.status(intent);
  }

  /**
   * One operation goes on: it takes effect or is answered. Returns false if none of the tried ones
   * can.
   */
  function goOn(): boolean {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const operation = kernel.pick(kernel.operations);
      if (!operation) return false;
      if (!canGoOn(operation)) continue;
      if (operation.done) kernel.answer(operation);
      else kernel.perform(operation);
      return true;
    }
    return false;
  }

  function chaosStep(): boolean {
    const dice = random();
    if (faultsLeft > 0 && dice < profile.faultRate) {
      faultsLeft -= 1;
      return faults.strike();
    }
    if (dice > 1 - profile.timeRate)
      return kernel.pass(random() < 0.2 ? Math.floor(random() * profile.lateMs) : 0);
    if (actsLeft > 0 && random() < (kernel.operations.length < QUIET ? 0.4 : 0.1)) return act();
    if (amendsLeft > 0 && random() < 0.02) return amend();
    if (random() < 0.003) faults.keepCopy();
    if (random() < 0.03 && restartOne()) return true;
    return goOn() || kernel.pass();
  }

  function restartOne(): boolean {
    return (
      restart(world.workers, world.startWorker) ||
      restart(world.origins, world.startOrigin) ||
      restart(world.edges, world.startEdge)
    );
  }

  return {
    steps: () => steps,

    /** Everything may happen, in any order. */
    rage(): void {
      for (let step = 0; step < profile.chaosSteps; step += 1) {
        if (chaosStep()) settle();
        if (actsLeft === 0 && amendsLeft === 0 && step % 16 === 0 && !whatMoves(world)) return;
      }
    },

    /** All faults end: the world must come to rest in time. */
    heal(): void {
      kernel.trace?.("heal");
      while (restartOne()) settle();
      world.leaders.clear();
      world.leaders.add("worker 0");
      const deadlineMs = kernel.nowMs() + HEALS_WITHIN_MS;
      while (true) {
        for (let calmSteps = 0; restartOne() || goOnCalmly(); calmSteps += 1) {
          settle();
          if (calmSteps > CALM_STEPS_MAX)
            throw new Breach("G6", "at work without end, and no time passes");
        }
        const moving = whatMoves(world);
        if (!moving) slowMs = 0;
        if (!moving && kernel.operations.length === 0) break;
        if (kernel.nowMs() > deadlineMs)
          throw new Breach("G6", `not at rest after 60 s: ${moving}`);
        if (!kernel.pass(0, nextEffectAtMs()))
          throw new Breach("G6", `nothing happens any more: ${moving}`);
        settle();
      }
      checkRest(world);
    },
  };

  /** The time at which the next possible effect has been under way long enough. */
  function nextEffectAtMs(): number {
    const possible = kernel.operations.filter(canGoOn);
    return Math.min(...possible.map(({ askedAtMs }) => askedAtMs + slowMs));
  }

  /**
   * Effect and answer in one step, in order of request, after the operation has been under way long
   * enough.
   */
  function goOnCalmly(): boolean {
    const longAgoMs = kernel.nowMs() - slowMs;
    const next = kernel.operations.find(
      (operation) => operation.askedAtMs <= longAgoMs && canGoOn(operation),
    );
    if (!next) return false;
    if (!next.done) kernel.perform(next);
    if (next.done && !next.orphan) kernel.answer(next);
    return true;
  }
}

function canGoOn({ done, blocked }: Operation): boolean {
  return done || !blocked?.();
}

/** Starts the first dead one of these. Returns false if all are alive. */
function restart(
  parts: ReadonlyMap<string, { process: Process }>,
  start: (name: string) => unknown,
): boolean {
  for (const { process } of parts.values()) {
    if (process.alive) continue;
    start(process.name);
    return true;
  }
  return false;
}

function drawIntent({ profile, intents, kernel: { random } }: World): Intent {
  const among = <Item>(items: Item[] | undefined, count: number) =>
    items?.[Math.floor(random() * count)];
  const { lectures, users, keys } = profile;
  return among(among(among(intents, lectures), users), keys) as Intent;
}
