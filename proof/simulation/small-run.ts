import { drainMicrotasks } from "bun:jsc";
import { pendingPaths } from "../../contract/names.ts";
import type { Change } from "../../contract/terms.ts";
import type { SweeperDeps } from "../../worker/deps.ts";
import { newMemory, sweep } from "../../worker/sweep.ts";
import { Breach } from "./breach.ts";
import type { Edge } from "./front.ts";
import { createChecks } from "./guarantees.ts";
import type { Operation, Process } from "./kernel.ts";
import { checkRest, whatMoves } from "./rest.ts";
import type { Intent } from "./rids.ts";
import { profileOf, type SmallWorld } from "./small-worlds.ts";
import { stateKey } from "./state-key.ts";
import { createWorld } from "./world.ts";

/** A request under way, of a user or of the organiser. */
interface Lane extends Intent {
  kind: "reserve" | "amend";
  /** absent for the organiser */
  user?: number;
  edge: Process;
  origin: Process;
}

/** One path through a small world: the possible next steps, and their execution. */
export function beginSmallRun(small: SmallWorld, intents: Intent[][][]) {
  const profile = profileOf(small);
  const world = createWorld({ profile, intents, random: () => 0 });
  const { kernel, broker } = world;
  const checks = createChecks(world);
  const positions = new Map<string, string>();
  const sweepers = new Map<string, SweeperDeps>();
  const lanes: Lane[] = [];
  const { crashes, channelLosses, claimLosses } = small;
  const left = { crashes, channelLosses, claimLosses };

  for (const path of world.zooKeeper.shards)
    world.zooKeeper.nodes.set(path, { data: Buffer.alloc(0), createdAtMs: 0 });
  for (const name of ["worker 0", "worker 1"]) start(name);
  for (let user = 0; user < small.users; user += 1) press(user);
  if (small.change) amend(small.change);
  settle();

  function start(name: string): void {
    world.leaders.add(name);
    sweepers.set(name, world.startConsumer(name));
  }

  /**
   * Each request has its own edge and origin, so that either may crash under one request and spare
   * the others.
   */
  function startLane(name: string, lane: Omit<Lane, "edge" | "origin">): Edge {
    const originName = `origin ${name}`;
    world.startOrigin(originName);
    const origin = world.origins.get(originName);
    const edge = world.startEdge(`edge ${name}`, () =>
      origin?.process.alive ? origin.deps : undefined,
    );
    if (origin) lanes.push({ ...lane, edge: edge.process, origin: origin.process });
    return edge;
  }

  function amend(change: Change): void {
    const command = world.amends.ask("1", change, kernel.nowMs());
    startLane("amend", command).amend(command, 0).catch(world.blameBreach);
  }

  function press(user: number, key = 0): void {
    const intent = intents[0]?.[user]?.[key] as Intent;
    const edge = startLane(`${user}/${key}`, { kind: "reserve", user, ...intent });
    edge
      .press(intent, 0)
      .then(() => (user < small.cancels ? edge.cancel(intent) : undefined))
      .catch(world.blameBreach);
  }

  function record({ process, what, detail, value, failed }: Operation): void {
    const before = positions.get(process.name) ?? "";
    const answer = value instanceof Error ? value.message : JSON.stringify(value);
    positions.set(
      process.name,
      Bun.hash(`${before}${what}${JSON.stringify(detail)}${answer}${failed}`).toString(36),
    );
  }

  function perform(operation: Operation): void {
    kernel.perform(operation);
    record(operation);
    if (!operation.orphan) kernel.answer(operation);
    drainMicrotasks();
  }

  /**
   * Executes the steps that no other process can see or prevent, which need not be tried at every
   * moment. Then runs all checks.
   */
  function settle(): void {
    drainMicrotasks();
    for (let next = findInvisible(); next; next = findInvisible()) {
      if (next.done) {
        kernel.answer(next);
        drainMicrotasks();
      } else perform(next);
    }
    for (const name of positions.keys())
      if (!kernel.operations.some(({ process }) => process.name === name)) positions.delete(name);
    checks.afterStep();
  }

  function findInvisible(): Operation | undefined {
    return kernel.operations.find(
      (operation) => operation.done || (isInvisible(operation, small) && !operation.blocked?.()),
    );
  }

  /** The possible targets of a fault: processes in the middle of an operation. */
  function strikes(): (() => void)[] {
    const busy = (process: Process) =>
      kernel.operations.some((operation) => operation.process === process && !operation.orphan);
    const found: (() => void)[] = [];
    const add = (kind: keyof typeof left, strike: () => void) => {
      const spend = () => {
        left[kind] -= 1;
        strike();
      };
      if (left[kind] > 0) found.push(spend);
    };
    for (const lane of lanes) {
      if (lane.origin.alive && busy(lane.origin))
        for (const crash of crashesOf(lane)) add("crashes", crash);
    }
    for (const [name, { process }] of world.workers) {
      const holding = broker.queues.some(({ consumers }) =>
        consumers.some((each) => each.process === process && each.unsettled.size > 0),
      );
      if (holding) add("channelLosses", () => world.loseChannels(process));
      if (holding || busy(process)) add("crashes", () => crashWorker(name, process));
    }
    for (const { lectureId, userId, rid, user } of lanes) {
      const claim = world.redis.claims(lectureId).get(userId);
      const isHeld = claim === `h:${kernel.nowMs()}:${rid}` && broker.holds(rid);
      if (user === undefined || !isHeld) continue;
      add("claimLosses", () => {
        world.redis.loseClaim(lectureId, userId);
        press(user, 1);
      });
    }
    return found;
  }

  function crashWorker(name: string, process: Process): void {
    world.crash(process);
    positions.delete(name);
    start(name);
  }

  /**
   * A request's pending node takes effect at once: no process looks at it before its message is
   * queued. A crash before the node's creation is modelled by its removal. An edge's crash after
   * its claim equals an origin's crash before its first effect.
   */
  function crashesOf({ origin, rid, kind }: Lane): (() => void)[] {
    const node = pendingPaths.node(rid, kind);
    const crash = () => world.crash(origin);
    const publishing = kernel.operations.some(
      ({ process, what }) => process === origin && what === "publish",
    );
    if (!publishing || !world.zooKeeper.nodes.has(node)) return [crash];
    const crashEarlier = () => {
      world.crash(origin);
      world.zooKeeper.nodes.delete(node);
    };
    return small.cancels > 0 ? [crash] : [crash, crashEarlier];
  }

  /** Users are alike, so one order of their claims stands for all. */
  function isTheirTurn({ process, what }: Operation): boolean {
    const at = lanes.findIndex(({ edge }) => edge === process);
    if (what !== "evalsha" || at < 0 || small.cancels > 0) return true;
    return !kernel.operations.some(
      (other) =>
        other.what === what && lanes.slice(0, at).some(({ edge }) => edge === other.process),
    );
  }

  return {
    key: () => stateKey(world, positions, left),

    /** All possible next steps, in the same order in the same state. */
    choices(): (() => void)[] {
      const operations = kernel.operations.filter(
        (operation) => !operation.blocked?.() && isTheirTurn(operation),
      );
      return [...operations.map((operation) => () => perform(operation)), ...strikes()];
    },

    choose(choice: () => void): void {
      choice();
      settle();
    },

    /** Says whether anything is under way. */
    hasWork: () => kernel.operations.length > 0,

    /** All faults end: sweeps until everything is at rest, which two sweeps must achieve. */
    heal(): void {
      for (let attempt = 0; attempt < 3; attempt += 1) {
        while (kernel.operations.length > 0 || kernel.timers().length > 0) {
          const next = kernel.operations.find((operation) => !operation.blocked?.());
          if (next) perform(next);
          else if (!kernel.pass()) break;
          settle();
        }
        if (!whatMoves(world)) {
          checkRest(world);
          return;
        }
        sweepAll();
      }
      throw new Breach("G6", `not at rest after two sweeps: ${whatMoves(world)}`);
    },
  };

  /** A sweep to which everything is overdue. */
  function sweepAll(): void {
    const deps = sweepers.get("worker 0") as SweeperDeps;
    const memory = newMemory();
    for (const path of world.zooKeeper.pending()) memory.seen.set(path, Number.NEGATIVE_INFINITY);
    kernel.skip(100_000);
    sweep(deps, memory).catch(world.blame);
    settle();
  }
}

/** A worker's statements that take the first lock, or read outside of a transaction. */
const VISIBLE = [
  "SELECT lecture_id AS lectureId, remaining",
  "SELECT lecture_id AS lectureId, capacity",
  "SELECT rid, user_id AS userId",
];

/**
 * Steps that no other process can see:
 * - the hop between edge and origin, and the delivery of a message;
 * - the creation of an existing shard;
 * - pending nodes while no user cancels: no process looks at them, and two removals equal one;
 * - inside a transaction, everything except its first lock and its commit: a crash in between
 *   equals a crash after the lock.
 */
function isInvisible({ server, what, process }: Operation, { cancels }: SmallWorld): boolean {
  if (server === "origin") return true;
  if (server === "broker") return what.startsWith("deliver");
  if (server === "zookeeper") return what === "create" || cancels === 0;
  const ofWorker = server === "mysql" && process.name.startsWith("worker");
  return ofWorker && what !== "COMMIT" && !VISIBLE.some((start) => what.startsWith(start));
}
