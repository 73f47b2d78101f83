import { type Context, Hono } from "hono";
import { jwtVerify } from "jose";
import * as z from "zod";

/** A bare handler's work and its answer, which equals the edge's own byte for byte. */
export const Bare = z.object({
  does: z.enum(["answer", "verify", "claim", "accept", "read"]),
  answer: z.object({
    status: z.number(),
    headers: z.record(z.string(), z.string()),
    /** in base64 for `read`, whose body may be compressed */
    body: z.string(),
  }),
  /** base64 of the secret that signs tokens */
  secret: z.string(),
  redis: z.object({ url: z.string(), token: z.string() }),
  /** the edge's request to Redis, with the placeholders LECTURE, USER and RID */
  pipeline: z.string(),
  originUrl: z.string(),
});
export type Bare = z.infer<typeof Bare>;

/** The ceiling: one route, no middleware, only what the same effect needs. */
export function bareApp({ does, answer, secret, redis, pipeline, originUrl }: Bare): Hono {
  const { status, headers, body } = answer;
  const reply = () => new Response(body, { status, headers });
  const redisRequest = {
    method: "POST",
    headers: { Authorization: `Bearer ${redis.token}`, "Content-Type": "application/json" },
  };
  const parts = pipeline.split(/(LECTURE|USER|RID)/);
  let key: CryptoKey | undefined;

  async function verify(authorization: string): Promise<void> {
    key ??= await importSecret(secret);
    await jwtVerify(authorization.slice("Bearer ".length), key, {
      algorithms: ["HS256"],
      issuer: "lectern",
      audience: "lectern-edge",
    });
  }

  async function claim(lecture: string): Promise<string> {
    const user = `bare-${crypto.randomUUID()}`;
    const rid = `${lecture}-${user.slice(5).replaceAll("-", "")}`;
    const filled: Record<string, string> = { LECTURE: lecture, USER: user, RID: rid };
    const sent = parts.map((part) => filled[part] ?? part).join("");
    const answered = await fetch(`${redis.url}/pipeline`, { ...redisRequest, body: sent });
    const said = (await answered.json()) as { error?: string }[];
    if (said.length !== 3 || said.some(({ error }) => error)) throw new Error("Redis refused");
    return rid;
  }

  async function forward(lecture: string, rid: string): Promise<void> {
    const command = {
      kind: "reserve",
      rid,
      lectureId: lecture,
      userId: "bare",
      claimedAtMs: Date.now(),
    };
    const answered = await fetch(`${originUrl}/commands`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ command, waitMs: 0 }),
    });
    const { queued } = (await answered.json()) as { queued: boolean };
    if (!queued) throw new Error("the origin refused");
  }

  if (does === "read") return readingApp();
  const handlers: Record<
    Exclude<Bare["does"], "read">,
    (c: Context) => Response | Promise<Response>
  > = {
    answer: reply,
    async verify(c) {
      await verify(c.req.header("Authorization") ?? "");
      return reply();
    },
    async claim(c) {
      await claim(c.req.param("id") ?? "");
      return reply();
    },
    async accept(c) {
      const lecture = c.req.param("id") ?? "";
      await forward(lecture, await claim(lecture));
      return reply();
    },
  };
  return new Hono().post("/api/lectures/:id/reservations", handlers[does]);

  function readingApp(): Hono {
    const bytes = Uint8Array.from(atob(body), (char) => char.charCodeAt(0));
    // Workers would compress the body again.
    const init: ResponseInit & { encodeBody: string } = { status, headers, encodeBody: "manual" };
    const read = () => new Response(bytes, init);
    return new Hono().get("/api/lectures", read).get("/api/lectures/:id/availability", read);
  }
}

async function importSecret(secret: string): Promise<CryptoKey> {
  const bytes = Uint8Array.from(atob(secret), (char) => char.charCodeAt(0));
  return await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, [
    "verify",
  ]);
}
