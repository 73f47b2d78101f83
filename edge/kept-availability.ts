import { availabilityCommand, readAvailabilityReply } from "../admission/availability.ts";
import type { RedisReply } from "../admission/redis-command.ts";
import type { LectureId } from "../contract/ids.ts";
import type { Availability } from "../contract/lecture.ts";
import type { EdgeDeps } from "./deps.ts";
import { type KeptAnswer, type Representation, represent } from "./kept-answer.ts";
import type { Ask } from "./kept-question.ts";
import { type LongOver, windowEndMs } from "./long-over.ts";

/**
 * Browsers ask again each time. A shared cache may repeat the answer for a second, and its
 * `serverTime` is late by as much; `s-maxage` forbids the cache any stale use.
 */
const SHARED = { "Cache-Control": "public, max-age=0, s-maxage=1" };

/** Pages open their button by `serverTime`; its step is far below a network's jitter. */
const STEP_MS = 20;

/** The text and headers of a short answer, in bytes. */
const BYTES = 4_000;

/** Asks Redis for the state of a booking button, and the origin where Redis lacks the lecture. */
export function askAvailability(
  { whyNotLoaded }: Pick<EdgeDeps, "whyNotLoaded">,
  lectureId: LectureId,
  now: () => number,
): Ask {
  return async (requestId, _, exchange) => {
    const [reply] = await exchange([availabilityCommand(lectureId)]);
    const answer = readAvailabilityReply(reply as RedisReply);
    if (answer) return { outcome: "kept", answer: keepAvailability(answer, now()) };
    const why = await whyNotLoaded(lectureId, requestId);
    if (!("lecture" in why)) return { outcome: "refused", code: why.code };
    return { outcome: "kept", answer: keepAvailability(availabilityOf(why), now()) };
  };
}

/** Of a lecture that is long over: no seat can be booked, however many stayed free. */
function availabilityOf({ lecture, code }: LongOver): Availability {
  const { capacity, opensAt } = lecture;
  return {
    state: code === "closed" ? "closed" : "cancelled",
    remaining: 0,
    capacity,
    opensAt,
    closesAt: new Date(windowEndMs(lecture)).toISOString(),
    serverTime: new Date().toISOString(),
  };
}

/**
 * Keeps an availability whose `serverTime` goes on, and with it the state: a kept lecture opens and
 * closes on time. The time goes on from the moment the answer came, so it is never ahead of Redis'
 * clock.
 *
 * The tag changes with `serverTime`. A tag of the other fields alone would let a browser's cache
 * repeat an old `serverTime` for as long as they stay, and its page would open the button late.
 *
 * @param heardAtMs monotonic time
 */
export function keepAvailability(heard: Availability, heardAtMs: number): KeptAnswer {
  const heardServerMs = Date.parse(heard.serverTime);
  const window = { opensAtMs: Date.parse(heard.opensAt), closesAtMs: Date.parse(heard.closesAt) };
  let madeForMs = Number.NaN;
  let made: Representation | undefined;

  function at(serverMs: number): Representation {
    const state = stateAt(serverMs, heard, window);
    const answer = { ...heard, state, serverTime: new Date(serverMs).toISOString() };
    // All fields are short words, numbers and times.
    const tag = `"${Object.values(answer).join("_")}"`;
    return represent(JSON.stringify(answer), tag, SHARED);
  }

  return {
    bytes: BYTES,
    validator: undefined,
    respond(reader) {
      const serverMs = heardServerMs + stepsOf(reader.nowMs - heardAtMs);
      if (!made || serverMs !== madeForMs) made = at(serverMs);
      madeForMs = serverMs;
      return made.respond(reader);
    },
  };
}

/** Time in whole steps, in milliseconds. */
function stepsOf(ms: number): number {
  return Math.max(0, Math.floor(ms / STEP_MS) * STEP_MS);
}

function stateAt(
  serverMs: number,
  { state, remaining }: Availability,
  { opensAtMs, closesAtMs }: { opensAtMs: number; closesAtMs: number },
): Availability["state"] {
  if (state === "cancelled" || state === "closed") return state;
  if (serverMs >= closesAtMs) return "closed";
  if (serverMs < opensAtMs) return state;
  return remaining === 0 ? "sold_out" : "open";
}
