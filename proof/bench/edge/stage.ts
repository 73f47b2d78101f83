import { Keyring } from "../../../contract/keyring.ts";
import { type Runtime, serveEdge } from "../../../test/edge-runtimes.ts";
import { onOneCore } from "../on-one-core.ts";
import type { Sides, Stage } from "../stage.ts";
import type { BenchSystem } from "../system.ts";
import type { Bare } from "./bare/app.ts";
import { mintTokens } from "./crowd.ts";
import type { LoadedFor } from "./lectures.ts";
import { edgeLoad } from "./load.ts";
import { recordOnce } from "./record.ts";
import { serveBare } from "./serve-bare.ts";
import { edgeSettings } from "./settings.ts";
import { startStubOrigin } from "./stub-origin.ts";

export interface EdgeStage {
  name: string;
  ceiling: string;
  atLeast: number;
  does: Bare["does"];
  /** the number of students whose tokens alternate: fewer or more than the edge remembers */
  students: number;
  /** the state of the lectures */
  loaded: LoadedFor;
}

/**
 * The edge on one runtime, and a bare handler on the same runtime with the same effect on Redis and
 * origin and the same answer. Both are measured in requests per second of their own CPU time. That
 * is the capacity of one core, although generators, Redis and both edges share the cores.
 */
export function edgeStage(runtime: Runtime, stage: EdgeStage): Stage {
  const { name, ceiling, atLeast } = stage;
  return {
    name: `${name}, ${runtime}`,
    ceiling,
    atLeast,
    open: (system) => openSides(system, runtime, stage),
  };
}

async function openSides(
  { environment }: BenchSystem,
  runtime: Runtime,
  { does, students, loaded }: EdgeStage,
): Promise<Sides> {
  const {
    UPSTASH_REDIS_REST_URL: url,
    UPSTASH_REDIS_REST_TOKEN: token,
    SESSION_KEYS,
  } = environment;
  const origin = startStubOrigin();
  const tokens = mintTokens(SESSION_KEYS, students);
  const settings = edgeSettings({ ...environment, ORIGIN_URL: origin.url });
  const { answer, pipeline } = await recordOnce(environment, settings, { tokens, loaded });
  const ours = await serveEdge(runtime, settings);
  const bare = await serveBare(runtime, {
    does,
    answer,
    secret: Buffer.from(Keyring.parse(SESSION_KEYS)[0].secret).toString("base64"),
    redis: { url, token },
    pipeline,
    originUrl: origin.url,
  });
  return onOneCore({ ours, bare }, edgeLoad(environment, { tokens, loaded }), origin);
}
