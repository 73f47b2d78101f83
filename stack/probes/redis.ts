import { connect } from "node:net";
import { proveRedis } from "../../admission/prove.ts";
import type { RedisRequest } from "../../admission/send.ts";
import { elsewhere, final, passing, type Trouble } from "../trouble.ts";
import { PROBE_WITHIN_MS, saying, troubleOfTheWay } from "./connecting.ts";

/** Errors of Redis that somebody has to mend: missing rights and missing commands. */
const FINAL =
  /NOPERM|NOAUTH|WRONGPASS|unknown command|not allowed|can't run this command|READONLY|permission/i;

/**
 * Whether an Upstash-compatible front takes the token, and its Redis lets us write as a claim does.
 */
export async function probeRedisHttp(url: string, token: string): Promise<Trouble | undefined> {
  try {
    await proveRedis(sending({ url, token }));
    return undefined;
  } catch (error) {
    if (error instanceof RefusedByFront) return error.trouble;
    const why = saying(error);
    return troubleOfTheWay(error) ?? (FINAL.test(why) ? final(why) : elsewhere(why));
  }
}

class RefusedByFront extends Error {
  constructor(readonly trouble: Trouble) {
    super(trouble.why);
  }
}

/** Sends as the services do, and reports the status of a refusal. */
function sending({ url, token }: { url: string; token: string }) {
  const base = url.replace(/\/$/, "");
  return async ({ path = [], body }: RedisRequest): Promise<unknown> => {
    const answer = await fetch([base, ...path].join("/"), {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PROBE_WITHIN_MS),
      redirect: "manual",
      keepalive: false,
    });
    const text = await answer.text();
    if (!answer.ok) throw new RefusedByFront(refusalOf(answer.status, text));
    try {
      return JSON.parse(text);
    } catch {
      throw new RefusedByFront(final("it answers no JSON: it is no front as Upstash's is"));
    }
  };
}

function refusalOf(status: number, text: string): Trouble {
  const said = `it answers ${status} to POST /pipeline`;
  if (status === 401 || status === 403) return final(`${said}: the token is not taken`);
  if (status === 404 || status === 405) return final(`${said}: it is no front as Upstash's is`);
  if (status >= 300 && status < 400) return final(`${said}: the address leads elsewhere`);
  return elsewhere(`${said}: ${saying(text)}`);
}

const PROBE = "SET lectern:{probe}:probe 1 PX 1000\r\n";

/** Whether our own Redis has loaded its data and writes. */
export async function probeRedis(port: number): Promise<Trouble | undefined> {
  const answer = await ask(port, PROBE);
  if (answer.startsWith("+OK")) return undefined;
  return passing(answer === "" ? "it does not answer" : saying(answer.replace(/^-/, "")));
}

/** Redis' answer to a line; empty when Redis does not answer. */
function ask(port: number, line: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect({ host: "127.0.0.1", port });
    const end = () => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PROBE_WITHIN_MS, end);
    socket.once("connect", () => socket.write(line));
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
      if (/^[+-].*\r\n/.test(answer)) end();
    });
    socket.once("error", end);
    socket.once("close", end);
  });
}
