import { SESSION_COOKIE } from "../../../contract/session.ts";
import { genuineToken } from "../tokens/genuine.ts";
import type { Canary } from "./forms.ts";

/** A student of a system with these settings, none of whose words may appear in a log. */
export function canaryStudent(settings: Record<string, string>) {
  const random = () => crypto.randomUUID().replaceAll("-", "");
  const studentNumber = `9${random().slice(0, 18)}`.toUpperCase();
  const userId = `s-${studentNumber}`;
  const { token } = genuineToken(settings, userId);
  const words = {
    key: `key${random()}`,
    query: `query${random()}`,
    body: `body${random()}`,
    header: `header${random()}`,
  };
  const canaries: Canary[] = [
    { name: "the session token", value: token },
    { name: "the session token's signature", value: token.slice(token.lastIndexOf(".") + 1) },
    { name: "the student number", value: studentNumber },
    ...Object.entries(words).map(([name, value]) => ({ name: `the ${name} of a request`, value })),
  ];
  return { studentNumber, userId, token, words, canaries };
}

/** Sends everything that a client can send, valid and invalid, and accepts every answer. */
export async function hostileTraffic(
  edgeUrl: string,
  student: ReturnType<typeof canaryStudent>,
  lectureId: string,
): Promise<void> {
  const { token, words, studentNumber } = student;
  const rid = `${lectureId}-${"0".repeat(32)}`;
  const json = { "Content-Type": "application/json" };
  const carriers: Record<string, string>[] = [
    { Authorization: `Bearer ${token}` },
    { Cookie: `${SESSION_COOKIE}=${token}`, Origin: new URL(edgeUrl).origin },
    { Authorization: `Bearer ${token}x` },
    { Authorization: `Basic ${btoa(`${studentNumber}:${words.header}`)}` },
    {},
  ];
  const others = {
    "Idempotency-Key": words.key,
    "X-Forwarded-For": words.header,
    "User-Agent": words.header,
    "Lectern-Signature": words.header,
  };
  const paths = [
    "/api/lectures",
    `/api/lectures/${lectureId}`,
    `/api/lectures/${lectureId}/availability`,
    `/api/lectures/${words.query}`,
    "/api/me",
    "/api/me/reservations",
    `/api/reservations/${rid}`,
    `/api/reservations/${rid}/events`,
    `/api/reservations/${words.query}`,
    `/${words.query}`,
  ];
  const bodies = [
    null,
    "{}",
    "{",
    `{"${words.body}":"${words.body}"}`,
    `"${words.body}`,
    words.body,
    `["${words.body.repeat(600)}"]`,
  ];
  await Promise.all(
    carriers.map(async (carrier) => {
      const headers = { ...others, ...carrier };
      const post = (path: string, body: string | null) =>
        send(edgeUrl + path, { method: "POST", headers: { ...headers, ...json }, body });
      const signIn = JSON.stringify({ studentNumber });
      await Promise.all([
        ...paths.map((path) =>
          send(`${edgeUrl}${path}?token=${token}&q=${words.query}`, { headers }),
        ),
        send(`${edgeUrl}/api/reservations/${rid}?q=${words.query}`, { method: "DELETE", headers }),
        ...bodies.map((body) => post(`/api/lectures/${lectureId}/reservations`, body)),
        post("/api/auth/demo", signIn),
        post("/api/auth/demo", `${signIn}x`),
        post("/api/auth/demo", JSON.stringify({ studentNumber, password: words.body })),
        post("/api/auth/sign-out", null),
      ]);
    }),
  );
}

async function send(url: string, init: RequestInit): Promise<void> {
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(15_000) });
  await answer.body?.cancel();
}
