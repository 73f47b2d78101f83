import { afterAll, beforeEach, expect, test } from "bun:test";
import { claim } from "../../admission/claim.ts";
import { settle } from "../../admission/settle.ts";
import { lectureOf, ridOf } from "../../contract/ids.ts";
import { writeCursor, writePlace } from "../../contract/reservation-page.ts";
import { bodyOf, enterStudent, loadOpenLecture, startEdgeAlone } from "../../test/edge-alone.ts";
import { refuse } from "../../test/stub-origin.ts";

const edge = startEdgeAlone({ REDIS_TIMEOUT_MS: "2000" });
afterAll(() => edge.close());
beforeEach(() => {
  edge.origin.heard.length = 0;
  edge.wire.ignores = undefined;
});

const rid = `7-${"a".repeat(32)}`;
const confirmed = {
  id: rid,
  lectureId: "7",
  status: "confirmed",
  decidedAt: "2027-01-01T00:00:00.000Z",
};

/** Makes the origin list these lectures, and answer this page. */
function answerWith(lectureIds: string[], page: object, complete = true): void {
  edge.origin.answer(({ path }) =>
    Response.json(path === "/open-lectures" ? { lectureIds, complete } : page),
  );
}

const pagesAsked = () =>
  edge.origin.heard.map(({ path }) => path).filter((path) => path.startsWith("/users/"));

async function held(userId: string) {
  const lectureId = await loadOpenLecture(edge.redis);
  const intent = { lectureId, userId, rid: ridOf(lectureId, userId, "key") };
  const answer = await claim(edge.redis, intent);
  if (answer.outcome !== "claimed") throw new Error(`not claimed: ${answer.outcome}`);
  return { ...intent, claimedAtMs: answer.claimedAtMs };
}

test("the page is that of the session's user, with the address of the next one", async () => {
  const place = { claimedAtMs: 1_800_000_000_000, rid };
  answerWith([], { reservations: [confirmed], more: writePlace(place) });
  const { userId, send } = await enterStudent(edge);
  const response = await send("GET", "/api/me/reservations?user=other&limit=1");
  const next = `/api/me/reservations?limit=1&cursor=${writeCursor(place)}`;
  expect(await response.json()).toEqual({ reservations: [confirmed], next });
  expect(response.headers.get("link")).toBe(`<${next}>; rel="next"`);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(pagesAsked()).toEqual([`/users/${userId}/reservations?limit=1`]);

  answerWith([], { reservations: [] });
  const last = await send("GET", next);
  expect(await last.json()).toEqual({ reservations: [] });
  expect(last.headers.get("link")).toBeNull();
  expect(pagesAsked().at(-1)).toBe(
    `/users/${userId}/reservations?limit=1&after=${writePlace(place)}`,
  );
});

test("the origin hears of every held claim, and of no settled or foreign one", async () => {
  const { userId, send } = await enterStudent(edge);
  const [one, two, settled] = [await held(userId), await held(userId), await held(userId)];
  const foreign = await held("u-another");
  await settle(edge.redis, settled.lectureId, [{ ...settled, status: "confirmed" }]);
  answerWith(
    [one, two, settled, foreign].map((each) => lectureOf(each.rid)),
    { reservations: [] },
  );
  expect(await bodyOf(await send("GET", "/api/me/reservations"))).toEqual({ reservations: [] });
  const told =
    new URL(pagesAsked()[0] ?? "", "http://origin").searchParams.get("held")?.split(",") ?? [];
  expect(told.sort()).toEqual([one, two].map(writePlace).sort());
});

test("a page that may lack undecided reservations comes all the same, and says so", async () => {
  const { userId, send } = await enterStudent(edge);
  const { lectureId } = await held(userId);
  const degraded = { reservations: [confirmed], degraded: true };
  answerWith([lectureId], { reservations: [confirmed] }, false);
  expect(await bodyOf(await send("GET", "/api/me/reservations"))).toEqual(degraded);

  edge.origin.answer(({ path }) =>
    path === "/open-lectures"
      ? refuse("unavailable", 503)
      : Response.json({ reservations: [confirmed] }),
  );
  expect(await bodyOf(await send("GET", "/api/me/reservations"))).toEqual(degraded);

  answerWith([lectureId], { reservations: [confirmed] });
  edge.wire.ignores = "";
  expect(await bodyOf(await send("GET", "/api/me/reservations"))).toEqual(degraded);
});

test("without the page itself the list is unavailable", async () => {
  const { send } = await enterStudent(edge);
  edge.origin.answer(() => refuse("unavailable", 503));
  expect((await send("GET", "/api/me/reservations")).status).toBe(503);
});

test.each([
  "limit=0",
  "limit=201",
  "limit=1.5",
  "limit=",
  "cursor=",
  "cursor=abc",
  `cursor=${"A".repeat(41)}`,
])("%s is refused, and nobody is asked", async (query) => {
  const { send } = await enterStudent(edge);
  const response = await send("GET", `/api/me/reservations?${query}`);
  expect([response.status, (await bodyOf(response))["code"]]).toEqual([422, "invalid_request"]);
  expect(edge.origin.heard).toEqual([]);
});
