import { run, script } from "../../admission/script.ts";
import { redisNames } from "../../contract/names.ts";
import source from "./begin-generation.lua";
import type { CacheRedis } from "./store.ts";

const beginScript = script(source);

/**
 * Begins a generation of the catalogue: edges ask again for the lectures and lists that they hold.
 * `name` must be new, at every try too.
 *
 * An edge holds an answer under the generation that it had read before it asked, and serves it
 * while that generation stays. Why no old answer outlives a change:
 *
 * - A writer begins a generation after its commit, and after it dropped the lecture from the cache.
 *   An answer from before either is held under an earlier generation, and its end is seen at the
 *   next look, half a second later. An edge that sees the new one reads the change.
 * - A name never comes back, so nothing is held under it by chance: neither after a lost reply and
 *   a second try, nor after Redis lost everything. Only a Redis that fails over to older data
 *   brings a name back.
 * - A writer that dies in between begins none, nor does a write whose outcome is unknown. Every
 *   origin looks once a second for lectures that were amended, and begins a generation where a copy
 *   has a version that is new to it (origin/projection.ts).
 * - Whatever else goes wrong, an answer is asked for again after HELD_MAX_MS.
 * - A generation before the write would add nothing: it ends answers that are still true, and those
 *   that are read between it and the commit are held under it. It cannot replace the one after.
 */
export async function beginGeneration(redis: CacheRedis, name: string): Promise<void> {
  await run(redis, beginScript, [redisNames.generation], [name]);
}
