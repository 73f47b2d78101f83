import { type ClaimState, claim } from "../../admission/claim.ts";
import { type Claim, findClaim } from "../../admission/find-claim.ts";
import type { AmendCommand, ReserveCommand, SeatCommand } from "../../contract/command.ts";
import { noCase } from "../../contract/no-case.ts";
import type { CommandAnswer } from "../../contract/origin-api.ts";
import type { Reservation, ReservationStatus } from "../../contract/reservation.ts";
import type { Deadline } from "../../origin/deadline.ts";
import type { OriginDeps } from "../../origin/deps.ts";
import { Refusal } from "../../origin/refusal.ts";
import { findReservation } from "../../origin/reservations.ts";
import { answerAmend, answerSeat } from "../../origin/routes/commands.ts";
import { type Amends, groupsOf } from "./amends.ts";
import { Breach } from "./breach.ts";
import type { Journal } from "./journal.ts";
import type { Kernel, Process } from "./kernel.ts";
import type { SimulatedRedis } from "./redis/server.ts";
import type { Intent } from "./rids.ts";

/** An answer of the origin as the edge sees it: see edge/origin-answers.ts. */
type Answer<Value> =
  | { outcome: "answered"; value: Value }
  | { outcome: "refused"; code: string }
  | { outcome: "unknown" };

/** What an edge process needs from its world. */
export interface Surroundings {
  kernel: Kernel;
  redis: SimulatedRedis;
  journal: Journal;
  amends: Amends;
  /** a living origin, as a load balancer picks one */
  anyOrigin(): OriginDeps | undefined;
}

/** The status that a user sees while a claim stands. */
const STATUS_OF: Record<Claim["state"], ReservationStatus> = {
  held: "pending",
  confirmed: "confirmed",
};

function isUndecided(state: ClaimState): boolean {
  switch (state) {
    case "held":
      return true;
    case "confirmed":
    case "rejected":
    case "cancelled":
      return false;
    default:
      return noCase(state);
  }
}

const ORIGIN_TIMEOUT_MS = 5_000;

/** A lost reply ends a simulated wait, never by the machine's own clock. */
const ENDLESS: Deadline = { leftMs: () => Number.POSITIVE_INFINITY, pausedFor: (wait) => wait };

/**
 * The steps of edge/routes/reserve.ts, reservation.ts and cancel-reservation.ts for a user's
 * request, in the same order and with the real claim, findClaim and origin. They are modelled
 * because the routes check sessions with WebCrypto, which no seed controls.
 */
export function createEdge(world: Surroundings, process: Process) {
  const { kernel, journal, amends } = world;
  const redis = world.redis.clientOf(process);

  async function press(intent: Intent, waitMs: number): Promise<void> {
    journal.asked.set(intent.rid, intent.userId);
    const answer = await claim(redis, { ...intent, groups: groupsOf(intent.userId) });
    switch (answer.outcome) {
      case "claimed":
        return forward(intent, answer.claimedAtMs, waitMs);
      case "repeated":
        return isUndecided(answer.state) ? watch(intent, waitMs) : recall(intent);
      case "already_reserved":
        if (answer.rid === intent.rid)
          throw new Breach("G8", `${intent.rid} was told that it is in its own way`);
        return;
      case "cancelled":
      case "not_open":
      case "closed":
      case "not_eligible":
      case "sold_out":
      case "throttled":
      case "not_ready":
        return;
      default:
        return noCase(answer);
    }
  }

  async function forward(
    { rid, lectureId, userId }: Intent,
    claimedAtMs: number,
    waitMs: number,
  ): Promise<void> {
    const command: ReserveCommand = { kind: "reserve", rid, lectureId, userId, claimedAtMs };
    const answer = await sendCommand(command, waitMs);
    const known =
      answer.outcome === "answered" &&
      (answer.value.queued || answer.value.reservation.status !== "pending");
    journal.tell(rid, known ? answer.value.reservation.status : "pending");
  }

  async function watch(intent: Intent, waitMs: number): Promise<void> {
    const answer = await readReservation(intent);
    if (answer.outcome === "answered") return journal.tell(intent.rid, answer.value.status);
    if (answer.outcome === "refused") {
      const own = await findOwn(intent).catch(() => undefined);
      if (own) return forward(intent, own.claimedAtMs, waitMs);
    }
    journal.tell(intent.rid, "pending");
  }

  async function recall(intent: Intent): Promise<void> {
    const answer = await readReservation(intent);
    if (answer.outcome === "answered") journal.tell(intent.rid, answer.value.status);
  }

  async function status(intent: Intent): Promise<void> {
    const answer = await readReservation(intent);
    if (answer.outcome === "answered") return journal.tell(intent.rid, answer.value.status);
    const own = await findOwn(intent);
    if (own) journal.tell(intent.rid, STATUS_OF[own.state]);
  }

  async function cancel({ rid, lectureId, userId }: Intent): Promise<void> {
    journal.cancelAsked.add(rid);
    const requestedAtMs = kernel.nowMs();
    const answer = await sendCommand({ kind: "cancel", rid, lectureId, userId, requestedAtMs }, 0);
    if (answer.outcome !== "answered") return;
    journal.cancelAccepted.add(rid);
    if (answer.value.reservation.status === "cancelled") journal.tell(rid, "cancelled");
  }

  async function findOwn({ lectureId, userId, rid }: Intent): Promise<Claim | undefined> {
    const found = await findClaim(redis, { lectureId, userId });
    return found?.rid === rid ? found : undefined;
  }

  /** An organiser's change: it is told as it stands, and never undone. */
  async function amend(command: AmendCommand, waitMs: number): Promise<void> {
    const answer = await askOrigin(world, process, `amend ${command.rid}`, (deps) =>
      answerAmend(deps, { command, waitMs }, ENDLESS),
    );
    if (answer.outcome !== "answered") return;
    const { status, version } = answer.value.amendment;
    amends.tell(command.rid, status, version);
  }

  const sendCommand = (command: SeatCommand, waitMs: number): Promise<Answer<CommandAnswer>> =>
    askOrigin(world, process, `${command.kind} ${command.rid}`, (deps) =>
      answerSeat(deps, { command, waitMs }, ENDLESS),
    );

  const readReservation = ({ rid, userId }: Intent): Promise<Answer<Reservation>> =>
    askOrigin(world, process, `status ${rid}`, async (deps) => {
      const reservation = await findReservation(deps, { rid, userId }, ENDLESS);
      if (!reservation) throw new Refusal("reservation_not_found");
      return reservation;
    });

  return { process, press, status, cancel, amend };
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
        (error) =>
          reply(
            error instanceof Refusal
              ? { outcome: "refused", code: error.code }
              : { outcome: "unknown" },
          ),
      );
    };
    kernel.send(process, { server: "origin", what, effect, lost });
  });
}
