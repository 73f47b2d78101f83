import { claim } from "../../admission/claim.ts";
import { beginLoad } from "../../admission/load.ts";
import { isOpen } from "../../admission/opening.ts";
import type { AdmissionRedis } from "../../admission/script.ts";
import { settle } from "../../admission/settle.ts";

/**
 * Makes the real code compute its scripts' hashes, which it does once, with WebCrypto and outside
 * of any step. Afterwards a world waits for nothing but the kernel.
 */
export async function warmUp(): Promise<void> {
  const lecture = { lectureId: "1", opensAtMs: 0, closesAtMs: 1, capacity: 1, cancelled: false };
  await beginLoad(answering(["ready"]), lecture, { name: "warm-up", mark: "" });
  await settle(answering([0, 0, []]), "1", []);
  await claim(answering(["closed"]), { lectureId: "1", userId: "u", rid: "1-0" });
  await isOpen({ scriptExists: async () => [], hget: async () => null });
}

function answering(reply: unknown): AdmissionRedis {
  return { evalsha: async () => reply } as unknown as AdmissionRedis;
}
