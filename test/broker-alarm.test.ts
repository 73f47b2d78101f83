import { afterAll, expect, test } from "bun:test";
import { setBrokerAlarm } from "./broker-alarm.ts";
import { eventually } from "./servers.ts";
import { get, json, openSystemDatabases, press, publishLecture, signIn } from "./system.ts";

const databases = openSystemDatabases();
afterAll(() => databases.close());

/** Presses with a new student. */
async function pressAnew(lectureId: string) {
  const token = await signIn();
  const response = await press(lectureId, token, "once", 0);
  return {
    token,
    status: response.status,
    retryAfter: response.headers.get("retry-after"),
    body: await json(response),
  };
}

async function remaining(lectureId: string): Promise<unknown> {
  return (await json(await get(`/api/lectures/${lectureId}/availability`)))["remaining"];
}

test("an alarm closes admission; claims are answered, decided after it, no restart", async () => {
  const lectureId = await publishLecture(databases, { capacity: 200 });
  await setBrokerAlarm(true);
  const held: Awaited<ReturnType<typeof pressAnew>>[] = [];
  const refused = await eventually("admission is closed", async () => {
    const answer = await pressAnew(lectureId);
    if (answer.status === 503) return answer;
    expect([answer.status, answer.body["degraded"]]).toEqual([202, true]);
    held.push(answer);
    return undefined;
  });
  expect(refused.body["code"]).toBe("unavailable");
  expect(refused.retryAfter).toMatch(/^[1-9]/);
  await eventually(
    "a seat is gone for each claim",
    async () => (await remaining(lectureId)) === 200 - held.length,
  );
  expect(held.length).toBeGreaterThan(0);
  for (const { token, body } of held) {
    const again = await press(lectureId, token, "once", 0);
    expect([again.status, (await json(again))["id"]]).toEqual([202, body["id"]]);
  }

  await setBrokerAlarm(false);
  await eventually("new bookings are decided", async () => {
    const token = await signIn();
    return (await press(lectureId, token, "once")).status === 201;
  });
  for (const { token, body } of held)
    await eventually(
      "who was told pending is confirmed",
      async () =>
        (await json(await get(`/api/reservations/${body["id"]}`, token)))["status"] === "confirmed",
    );
});
