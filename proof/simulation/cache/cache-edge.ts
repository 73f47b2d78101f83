import type { LectureCache } from "../../../catalogue/cache/lecture-cache.ts";
import { redisNames } from "../../../contract/names.ts";
import type { Question } from "../../../edge/kept-question.ts";
import { createKeptReads } from "../../../edge/kept-reads.ts";
import type { createRedisData } from "../redis/data.ts";
import type { Actor, createSteps } from "./steps.ts";

/** Between two reads: what is kept is due, and still shown. In milliseconds. */
const READ_EVERY_MS = 600;

export interface EdgeParts {
  actor: Actor;
  data: ReturnType<typeof createRedisData>;
  steps: ReturnType<typeof createSteps>;
  /** the origin that the edge asks */
  origin: Pick<LectureCache, "read">;
  id: string;
}

/** An edge that holds the lecture, with the real code that keeps reads. */
export function openEdge({ actor, data, steps, origin, id }: EdgeParts) {
  let nowMs = 0;
  /** the generation that the last look found, and those of the questions under way */
  let known: unknown;
  const asked = new Set<{ under: unknown }>();
  const generation = () => data.command("GET", [redisNames.generation]);
  const keptReads = createKeptReads({
    mayShare: true,
    now: () => nowMs,
    sleep: () => new Promise(() => {}),
    exchange: (commands) =>
      steps
        .ask(
          actor,
          "looks",
          () => commands.map((each) => JSON.parse(each) as [string, ...string[]]).map(run),
          true,
        )
        .then((replies) => {
          known = replies.at(-1)?.result;
          return replies;
        }),
  });
  const run = ([name, ...args]: [string, ...string[]]) => ({ result: data.command(name, args) });
  const question: Question = {
    key: id,
    of: "lectures",
    route: "GET /api/lectures/:id",
    async ask() {
      const own = { under: known };
      asked.add(own);
      const { version } = await origin.read(id);
      asked.delete(own);
      const answer = { bytes: 1, validator: String(version), respond: () => new Response() };
      return { outcome: "kept", answer, holds: { forMs: 60_000, behindMs: 0 } };
    },
    staleForMs: 0,
  };
  const kept = () => keptReads.fresh(id, nowMs);

  return {
    read(): void {
      nowMs += READ_EVERY_MS;
      void keptReads.read(question, { requestId: "r", outlive: undefined });
    },
    /** The version that is shown as long as the present generation stays. */
    held(): number | undefined {
      const { generation: under, answer } = kept() ?? {};
      return answer && under === generation() ? Number(answer.validator) : undefined;
    },
    /** What makes a difference from here on: a generation that has ended never comes back. */
    key(): unknown {
      const present = generation();
      const isPresent = (name: unknown) => name === present;
      const { generation: under, answer, askedAtMs } = kept() ?? {};
      const questions = [...asked].map((one) => isPresent(one.under));
      return [
        nowMs,
        isPresent(known),
        isPresent(under),
        under === known,
        answer?.validator,
        askedAtMs,
        questions,
      ];
    },
  };
}
