import { afterAll, expect, test } from "bun:test";
import { redisKeys } from "../contract/names.ts";
import { bodyOf, loadOpenLecture, startEdgeAlone, tokenFor } from "../test/edge-alone.ts";

const edge = startEdgeAlone();
const keeping = startEdgeAlone({ STUDENT_NUMBER_CASE: "keep" });
afterAll(() => Promise.all([edge.close(), keeping.close()]));

/** One student's number in three spellings; no other student has it. */
function spellings(): string[] {
  const number = `ab${crypto.randomUUID().slice(0, 8)}`;
  return [number, number.toUpperCase(), `A${number.slice(1)}`].map((spelling) => `s-${spelling}`);
}

async function press(at: typeof edge, userId: string, lectureId: string): Promise<string> {
  const headers = { Authorization: `Bearer ${await tokenFor(userId, at.env.SESSION_KEYS)}` };
  const response = await at.fetch(`/api/lectures/${lectureId}/reservations`, {
    method: "POST",
    headers,
  });
  const { status, code } = await bodyOf(response);
  return String(code ?? status);
}

test("sessions of one student in three spellings have one seat between them", async () => {
  const lectureId = await loadOpenLecture(edge.redis);
  const told: string[] = [];
  for (const userId of spellings()) told.push(await press(edge, userId, lectureId));
  expect(told).toEqual(["pending", "already_reserved", "already_reserved"]);
  expect(await edge.redis.hlen(redisKeys.claims(lectureId))).toBe(1);
});

test("where the case of letters tells people apart, each spelling is somebody else", async () => {
  const lectureId = await loadOpenLecture(keeping.redis);
  for (const userId of spellings()) expect(await press(keeping, userId, lectureId)).toBe("pending");
});

test("a number illegal in every form is refused; a full-width one goes on narrow", async () => {
  const signIn = (studentNumber: string) =>
    edge.fetch("/api/auth/demo", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ studentNumber }),
    });
  edge.origin.heard.length = 0;
  expect((await signIn("ıbcd")).status).toBe(422);
  expect(edge.origin.heard).toEqual([]);
  await signIn("ａｂ１２");
  expect(edge.origin.heard.map(({ body }) => body)).toEqual([{ studentNumber: "ab12" }]);
});
