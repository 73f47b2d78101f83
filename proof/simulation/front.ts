import { type ClaimState, claim } from "../../admission/claim.ts";
import { type Claim, findClaim } from "../../admission/find-claim.ts";
import type { Command } from "../../contract/command.ts";
import { noCase } from "../../contract/no-case.ts";
import type { CommandAnswer } from "../../contract/origin-api.ts";
import type { Reservation, ReservationStatus } from "../../contract/reservation.ts";
import type { Deadline } from "../../origin/deadline.ts";
import type { OriginDeps } from "../../origin/deps.ts";
import { Refusal } from "../../origin/refusal.ts";
import { findReservation } from "../../origin/reservations.ts";
import { answerCommand } from "../../origin/routes/commands.ts";
import { Breach } from "./breach.ts";
import type { Journal } from "./journal.ts";
import type { Kernel, Process } from "./kernel.ts";
import type { SimulatedRedis } from "./redis/server.ts";
import type { Intent } from "./rids.ts";

/** An answer of the origin as the edge sees it: see edge/origin-answers.ts. */
type Answer<Value> = { outcome: "answered"; value: Value } | { outcome: "refused" | "unknown" };

/** What an edge process needs from its world. */
export interface Surroundings {
  kernel: Kernel;
  redis: SimulatedRedis;
  journal: Journal;
  /** a living origin, as a load balancer picks one */
  anyOrigin(): OriginDeps | undefined;
}

/** The status that a user sees while a claim stands. */
const STATUS_OF: Record<Claim["state"], ReservationStatus> = {
  held: "pending",
  confirmed: "confirmed",
};

/** Whether the decision of a repeated request's claim is still to come. */
const IS_UNDECIDED: Record<ClaimState, boolean> = {
  held: true,
  confirmed: false,
  rejected: false,
  cancelled: false,
};

const ORIGIN_TIMEOUT_MS = 5_000;

/** A lost reply ends a simulated wait, never by the machine's own clock. */
const ENDLESS: Deadline = { leftMs: () => Number.POSITIVE_INFINITY, pausedFor: (wait) => wait };

/**
 * The steps of edge/routes/reserve.ts, reservation.ts and cancel-reservation.ts for a user's
 * request, in the same order and with the real claim, findClaim and origin. They are modelled
 * because the routes check sessions with WebCrypto, which no seed controls.
 */
export function createEdge(world: Surroundings, process: Process) {
  const { kernel, journal } = world;
  const redis = world.redis.clientOf(process);

  async function press(intent: Intent, waitMs: number): Promise<void> {
    journal.asked.set(intent.rid, intent.userId);
    const answer = await claim(redis, intent);
    switch (answer.outcome) {
      case "claimed":
        return forward(intent, answer.claimedAtMs, waitMs);
      case "repeated":
        await (IS_UNDECIDED[answer.state] ? watch(intent, waitMs) : recall(intent));
        return;
      case "already_reserved":
        if (answer.rid === intent.rid)
          throw new Breach("G8", `${intent.rid} was told that it is in its own way`);
        return;
      case "cancelled":
      case "not_open":
      case "closed":
      case "sold_out":
      case "throttled":
      case "not_ready":
        return;
      default:
        return noCase(answer);
    }
  }

  async function forward(intent: Intent, claimedAtMs: number, waitMs: number): Promise<void> {
    const answer = await sendCommand({ kind: "reserve", ...intent, claimedAtMs }, waitMs);
    const known = answer.outcome === "answered" ? answer.value.reservation.status : "pending";
    journal.tell(intent.rid, known);
  }

  async function watch(intent: Intent, waitMs: number): Promise<void> {
    const outcome = await recall(intent);
    if (outcome === "answered") return;
    if (outcome === "refused") {
      const own = await findOwn(intent).catch(() => undefined);
      if (own) return forward(intent, own.claimedAtMs, waitMs);
    }
    journal.tell(intent.rid, "pending");
  }

  /** Tells the user what the origin knows of the reservation. */
  async function recall(intent: Intent): Promise<Answer<Reservation>["outcome"]> {
    const answer = await readReservation(intent);
    if (answer.outcome === "answered") journal.tell(intent.rid, answer.value.status);
    return answer.outcome;
  }

  async function status(intent: Intent): Promise<void> {
    if ((await recall(intent)) === "answered") return;
    const own = await findOwn(intent);
    if (own) journal.tell(intent.rid, STATUS_OF[own.state]);
  }

  async function cancel(intent: Intent): Promise<void> {
    const { rid } = intent;
    journal.cancelAsked.add(rid);
    const requestedAtMs = kernel.nowMs();
    const answer = await sendCommand({ kind: "cancel", ...intent, requestedAtMs }, 0);
    if (answer.outcome !== "answered") return;
    journal.cancelAccepted.add(rid);
    if (answer.value.reservation.status === "cancelled") journal.tell(rid, "cancelled");
  }

  async function findOwn({ lectureId, userId, rid }: Intent): Promise<Claim | undefined> {
    const found = await findClaim(redis, { lectureId, userId });
    return found?.rid === rid ? found : undefined;
  }

  const sendCommand = (command: Command, waitMs: number): Promise<Answer<CommandAnswer>> =>
    askOrigin(world, process, `${command.kind} ${command.rid}`, (deps) =>
      answerCommand(deps, { command, waitMs }, ENDLESS),
    );

  const readReservation = ({ rid, userId }: Intent): Promise<Answer<Reservation>> =>
    askOrigin(world, process, `status ${rid}`, async (deps) => {
      const reservation = await findReservation(deps, { rid, userId }, ENDLESS);
      if (!reservation) throw new Refusal("reservation_not_found");
      return reservation;
    });

  return { process, press, status, cancel };
}

export type Edge = ReturnType<typeof createEdge>;

/**
 * One exchange with any living origin. A request lost on the way, or with the origin, ends as
 * unknown at the timeout.
 */
function askOrigin<Value>(
  world: Surroundings,
  process: Process,
  what: string,
  work: (deps: OriginDeps) => Promise<Value>,
): Promise<Answer<Value>> {
  const { kernel } = world;
  return new Promise((resolve) => {
    const takeBack = kernel.at(process, kernel.nowMs() + ORIGIN_TIMEOUT_MS, () =>
      resolve({ outcome: "unknown" }),
    );
    const lost = () => undefined;
    const reply = (answer: Answer<Value>) =>
      kernel.reply(process, { server: "origin", what: `reply ${what}`, lost }, () => {
        takeBack();
        resolve(answer);
      });
    const effect = () => {
      const origin = world.anyOrigin();
      if (!origin) return;
      work(origin).then(
        (value) => reply({ outcome: "answered", value }),
        (error) => reply({ outcome: error instanceof Refusal ? "refused" : "unknown" }),
      );
    };
    kernel.send(process, { server: "origin", what, effect, lost });
  });
}
