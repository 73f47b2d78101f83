import type { StackEnvironment } from "../../../stack/environment.ts";
import { redisOf } from "../servers.ts";
import type { Measure } from "../stage.ts";
import { runWrk } from "../wrk.ts";
import { pressButton, pressing } from "./crowd.ts";
import { type LoadedFor, loadLectures } from "./lectures.ts";

/** Requests in flight, from one thread of wrk. */
export const CONNECTIONS = 64;

/** The number of lectures in one measurement in which each press must be its student's first. */
const LECTURES_MAX = 60;

/** Students, and the state of the lectures for which they press. The first one may hold a seat. */
export interface Presses {
  tokens: string[];
  loaded: LoadedFor;
}

/** Presses at an edge for lectures of its own measurement. */
export function edgeLoad(
  environment: StackEnvironment,
  { tokens, loaded }: Presses,
): (edge: { url: string }) => Measure {
  const redis = redisOf(environment);
  const [holder = ""] = tokens;
  return ({ url }) =>
    async (seconds) => {
      const count = loaded === "taking" ? LECTURES_MAX : 1;
      const lectures = await loadLectures(redis, loaded, holder, count);
      // The edge learns the refusals from memory before each round. Otherwise the first 64 presses
      // of a round would be claims.
      if (loaded === "refusing")
        await (await pressButton(url, lectures[0] ?? "", holder)).body?.cancel();
      const lua = pressing(tokens, lectures);
      // Lectures that take everybody answer nobody with a refusal.
      const answers = loaded === "taking" ? "2xx" : "any";
      return await runWrk({ url, seconds, connections: CONNECTIONS, lua, answers });
    };
}
