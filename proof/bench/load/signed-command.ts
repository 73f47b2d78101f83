import { randomBytes } from "node:crypto";
import { Keyring } from "../../../contract/keyring.ts";
import { BUDGET_HEADER } from "../../../contract/origin-api.ts";
import { SIGNATURE_HEADER } from "../../../contract/signature.ts";
import { randomLectureId } from "../../../test/servers.ts";

/**
 * Makes reserve commands as the edge sends them, as HTTP text, each of another student for a lecture
 * that does not exist. It signs with Bun's own hashes: contract/signature.ts has to run anywhere and
 * is slower, and the generator must not limit the measurement.
 */
export function signedCommandMaker(edgeKeys: string, budgetMs: number): () => string {
  const [key] = Keyring.parse(edgeKeys);
  const lectureId = randomLectureId();
  return () => {
    const unique = randomBytes(16).toString("hex");
    const rid = `${lectureId}-${unique}`;
    const nowMs = Date.now();
    const command = { kind: "reserve", rid, lectureId, userId: `o-${unique}`, claimedAtMs: nowMs };
    const body = JSON.stringify({ command, waitMs: 0 });
    const nonce = crypto.randomUUID();
    const statement = `POST\n/commands\n${nowMs}\n${nonce}\n${body}`;
    const mac = new Bun.CryptoHasher("sha256", key.secret).update(statement).digest("hex");
    return [
      "POST /commands HTTP/1.1",
      "Host: origin",
      "Content-Type: application/json",
      `Content-Length: ${body.length}`,
      `${SIGNATURE_HEADER}: ${key.id}.${nowMs}.${nonce}.${mac}`,
      `${BUDGET_HEADER}: ${budgetMs}`,
      "",
      body,
    ].join("\r\n");
  };
}
