import { expect, test } from "bun:test";
import { enterAs, enterOrganiser, makeOpenLecture, newLecture } from "./organiser.ts";
import { eventually } from "./servers.ts";

const key = () => ({ "idempotency-key": crypto.randomUUID() });
const match = (etag: string | null) => ({ "if-match": etag ?? "*" });

test("everybody sees an organiser's lecture within a second of its publication", async () => {
  const { host, send, get } = await enterOrganiser();
  const made = await send(
    "POST",
    "/api/admin/lectures",
    newLecture(host, { published: false }),
    key(),
  );
  expect(made).toMatchObject({ status: 201, etag: '"1"' });
  const { id } = made.body;
  expect(made.location).toBe(`/api/admin/lectures/${id}`);
  expect(made.body).toMatchObject({
    host: { id: host, name: `Host ${host}` },
    descriptionHtml: "<p><em>Light</em></p>",
    published: false,
    capacity: 10,
    seatsTaken: 0,
    remaining: 10,
    amendments: 1,
    version: 1,
  });
  expect((await get(`/api/lectures/${id}`)).status).toBe(404);
  expect((await get(`/api/lectures?host=${host}`)).body.lectures).toEqual([]);
  const published = await send("POST", `/api/admin/lectures/${id}/publish`, undefined, {
    ...match(made.etag),
  });
  expect(published).toMatchObject({ status: 200, etag: '"2"', body: { published: true } });
  const answeredMs = performance.now();
  await eventually(
    "it is published",
    async () => (await get(`/api/lectures/${id}`)).status === 200,
  );
  expect(performance.now() - answeredMs).toBeLessThan(1_000);
});

test("a key makes one lecture, however often at once, and refuses another body", async () => {
  const { host, send, get } = await enterOrganiser();
  const body = newLecture(host);
  const headers = key();
  const make = () => send("POST", "/api/admin/lectures", body, headers);
  const made = await Promise.all([make(), make(), make()]);
  made.push(await make());
  expect(made.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
  expect(new Set(made.map((one) => one.body.id)).size).toBe(1);
  expect((await get("/api/admin/lectures")).body.lectures).toHaveLength(1);
  const other = { ...body, title: "Another" };
  expect(await send("POST", "/api/admin/lectures", other, headers)).toMatchObject({
    status: 422,
    body: { code: "key_reused" },
  });
});

test("one key may make a lecture and change it", async () => {
  const { host, send } = await enterOrganiser();
  const headers = key();
  const { body } = await send("POST", "/api/admin/lectures", newLecture(host), headers);
  const changed = await send(
    "PATCH",
    `/api/admin/lectures/${body.id}`,
    { title: "Changed" },
    { ...headers, ...match('"1"') },
  );
  expect(changed).toMatchObject({ status: 200, body: { title: "Changed", amendments: 2 } });
});

test("the same key changes a lecture once, and leaves alone what it does not name", async () => {
  const organiser = await enterOrganiser();
  const id = await makeOpenLecture(organiser);
  const path = `/api/admin/lectures/${id}`;
  const headers = { ...key(), ...match('"1"') };
  const change = { title: "Renamed", capacity: 12, audience: ["staff"] };
  const patch = () => organiser.send("PATCH", path, change, headers);
  const [first, again] = [await patch(), await patch()];
  expect(first).toMatchObject({ status: 200, etag: '"2"', body: change });
  expect(again.body).toEqual(first.body);
  expect(first.body).toMatchObject({ venue: "Hall 1", descriptionHtml: "<p><em>Light</em></p>" });
  const log = await organiser.get(`${path}/amendments`);
  expect(log.body.amendments).toHaveLength(2);
  expect(log.body.amendments[0]).toMatchObject({
    status: "applied",
    version: 2,
    by: organiser.userId,
    words: { title: "Renamed" },
    change: { capacity: 12 },
    before: { capacity: 10, version: 1, audience: [] },
    after: { capacity: 12, version: 2, audience: ["staff"] },
  });
  const reused = await organiser.send("PATCH", path, { capacity: 13 }, headers);
  expect(reused).toMatchObject({ status: 422, body: { code: "key_reused" } });
  expect(await organiser.get(`/api/lectures/${id}`)).toMatchObject({ body: { title: "Renamed" } });
});

test("of two organisers who change one version at once, one is told the other's", async () => {
  const organiser = await enterOrganiser();
  const id = await makeOpenLecture(organiser);
  const other = await enterAs("organiser", { hosts: [organiser.host] });
  const path = `/api/admin/lectures/${id}`;
  const answers = await Promise.all(
    [organiser, other].map(({ send }, at) =>
      send("PATCH", path, { venue: `Hall ${at + 2}` }, { ...key(), ...match('"1"') }),
    ),
  );
  answers.sort((a, b) => a.status - b.status);
  const [won, lost] = answers;
  expect([won?.status, lost?.status]).toEqual([200, 412]);
  expect(lost).toMatchObject({
    etag: '"2"',
    body: { code: "version_conflict", lecture: { version: 2, venue: won?.body.venue } },
  });
  const { venue } = (await organiser.get(path)).body;
  expect(venue).toBe(won?.body.venue);
});

test("a change names a version: 428 without one, and * takes whatever is there", async () => {
  const organiser = await enterOrganiser();
  const id = await makeOpenLecture(organiser);
  const path = `/api/admin/lectures/${id}`;
  const venue = { venue: "Hall 9" };
  expect((await organiser.send("PATCH", path, venue)).body.code).toBe("precondition_required");
  expect((await organiser.send("DELETE", path)).status).toBe(428);
  for (const wrong of ['W/"1"', "1", '"x"', '"1", "2"'])
    expect((await organiser.send("PATCH", path, venue, { "if-match": wrong })).status).toBe(422);
  expect((await organiser.send("PATCH", path, venue, { "if-match": "*" })).status).toBe(200);
});

test("a capacity below the given seats sinks as they return; a strict one is refused", async () => {
  const organiser = await enterOrganiser();
  const id = await makeOpenLecture(organiser, { capacity: 5 });
  const students = await Promise.all([1, 2, 3, 4].map(() => enterAs("student")));
  const wait = { prefer: "wait=10" };
  const booked = await Promise.all(
    students.map((student) => student.send("POST", `/api/lectures/${id}/reservations`, {}, wait)),
  );
  expect(booked.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
  const path = `/api/admin/lectures/${id}`;
  const cut = (body: object) => organiser.send("PATCH", path, body, { ...match('"1"'), ...wait });
  expect(await cut({ capacity: 2, strict: true })).toMatchObject({
    status: 409,
    etag: '"1"',
    body: { code: "seats_given", seatsTaken: 4 },
  });
  expect(await cut({ capacity: 2 })).toMatchObject({
    status: 200,
    body: { capacity: 4, sinkingTo: 2, seatsTaken: 4, remaining: 0, version: 2 },
  });
  expect((await organiser.get(`/api/lectures/${id}`)).body.capacity).toBe(2);
  for (const [at, expected] of [
    [0, { capacity: 3, sinkingTo: 2, seatsTaken: 3, remaining: 0 }],
    [1, { capacity: 2, seatsTaken: 2, remaining: 0 }],
    [2, { capacity: 2, seatsTaken: 1, remaining: 1 }],
  ] as const) {
    const rid = booked[at]?.body.id;
    await students[at]?.send("DELETE", `/api/reservations/${rid}`, undefined, wait);
    await eventually("the seat is back", async () => {
      const { body } = await organiser.get(path);
      return body.seatsTaken === expected.seatsTaken;
    });
    const { body } = await organiser.get(path);
    expect(body).toMatchObject(expected);
    expect("sinkingTo" in body).toBe("sinkingTo" in expected);
  }
});

test("cancelling a lecture ends each reservation once, and nothing brings it back", async () => {
  const organiser = await enterOrganiser();
  const id = await makeOpenLecture(organiser);
  const students = await Promise.all([1, 2, 3].map(() => enterAs("student")));
  const wait = { prefer: "wait=10" };
  const booked = await Promise.all(
    students.map(({ send }) => send("POST", `/api/lectures/${id}/reservations`, {}, wait)),
  );
  const path = `/api/admin/lectures/${id}`;
  const headers = { ...match('"1"'), ...key(), ...wait };
  for (let at = 0; at < 2; at += 1)
    expect(await organiser.send("POST", `${path}/cancel`, undefined, headers)).toMatchObject({
      status: 200,
      body: { cancelled: true, seatsTaken: 0, version: 2 },
    });
  for (const [at, { get, send }] of students.entries()) {
    const mine = await get("/api/me/reservations");
    expect(mine.body.reservations).toMatchObject([
      { id: booked[at]?.body.id, status: "cancelled", reason: "lecture_cancelled" },
    ]);
    const again = await send("POST", `/api/lectures/${id}/reservations`, {}, wait);
    expect(again).toMatchObject({ status: 409, body: { code: "lecture_cancelled" } });
  }
  for (const body of [{ published: true }, { capacity: 50 }])
    expect(await organiser.send("PATCH", path, body, match('"2"'))).toMatchObject({
      status: 422,
      body: { code: "invalid_amendment" },
    });
  const renamed = await organiser.send("PATCH", path, { title: "Off" }, match('"2"'));
  expect(renamed).toMatchObject({ status: 200, body: { title: "Off", version: 3 } });
});

test("a lecture is closed, opened again, postponed and deleted", async () => {
  const organiser = await enterOrganiser();
  const id = await makeOpenLecture(organiser);
  const path = `/api/admin/lectures/${id}`;
  const { send, get } = organiser;
  const becomes = (state: string) =>
    eventually("the edge's answer of before is over", async () => {
      const { body } = await get(`/api/lectures/${id}/availability`);
      return body.state === state;
    });
  const closing = { ...match('"1"'), ...key() };
  const closed = await send("POST", `${path}/close`, {}, closing);
  expect(closed.status).toBe(200);
  expect((await send("POST", `${path}/close`, {}, closing)).body).toEqual(closed.body);
  await becomes("closed");
  const { closesAt } = newLecture("x");
  expect((await send("PATCH", path, { closesAt }, match('"2"'))).status).toBe(200);
  await becomes("open");
  const later = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
  const times = { startsAt: later(9), endsAt: later(10), closesAt: later(8) };
  const postponed = await send("POST", `${path}/postpone`, times, match('"3"'));
  expect(postponed).toMatchObject({ status: 200, body: times });
  expect(
    await send("POST", `${path}/postpone`, { startsAt: later(9) }, match('"4"')),
  ).toMatchObject({ status: 422, body: { code: "invalid_request", field: "endsAt" } });
  const senseless = { startsAt: later(9), endsAt: later(8) };
  expect(await send("POST", `${path}/postpone`, senseless, match('"4"'))).toMatchObject({
    status: 422,
    etag: '"4"',
    body: { code: "invalid_amendment" },
  });
  expect(await send("DELETE", path, undefined, match('"4"'))).toMatchObject({
    status: 200,
    body: { cancelled: true, published: false, version: 5 },
  });
  expect((await get(`/api/lectures/${id}`)).status).toBe(404);
  expect((await get(path)).status).toBe(200);
});

test("on every route another host's organiser finds nothing, a student is refused", async () => {
  const organiser = await enterOrganiser();
  const id = await makeOpenLecture(organiser);
  const stranger = await enterOrganiser();
  const student = await enterAs("student", { hosts: [organiser.host] });
  const path = `/api/admin/lectures/${id}`;
  const [{ id: rid }] = (await organiser.get(`${path}/amendments`)).body.amendments;
  const later = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
  const calls: [method: string, path: string, code: string, body?: object][] = [
    ["GET", path, "lecture_not_found"],
    ["PATCH", path, "lecture_not_found", { venue: "x" }],
    ["DELETE", path, "lecture_not_found"],
    ["POST", `${path}/publish`, "lecture_not_found"],
    ["POST", `${path}/close`, "lecture_not_found"],
    ["POST", `${path}/postpone`, "lecture_not_found", { startsAt: later(2), endsAt: later(3) }],
    ["POST", `${path}/cancel`, "lecture_not_found"],
    ["GET", `${path}/amendments`, "lecture_not_found"],
    ["GET", `/api/admin/amendments/${rid}`, "amendment_not_found"],
    ["GET", `/api/admin/hosts/${organiser.host}`, "host_not_found"],
    ["POST", "/api/admin/lectures", "host_not_found", newLecture(organiser.host)],
  ];
  for (const [method, at, code, body] of calls) {
    const cell = `${method} ${at}`;
    const told = async (who: typeof student) => {
      const answer = await who.send(method, at, body, match(null));
      return [cell, answer.status, answer.body.code];
    };
    expect(await told(stranger)).toEqual([cell, 404, code]);
    expect(await told(student)).toEqual([cell, 403, "forbidden"]);
  }
  expect((await student.get("/api/admin/lectures")).status).toBe(403);
  expect((await stranger.get("/api/admin/lectures")).body.lectures).toEqual([]);
  expect((await stranger.get(`/api/admin/lectures?host=${organiser.host}`)).body.lectures).toEqual(
    [],
  );
  const taken = await organiser.send("PATCH", path, { host: stranger.host }, match('"1"'));
  expect(taken.body.code).toBe("host_not_found");
  expect((await organiser.admin.get(path)).body.version).toBe(1);
});

test("organisers find theirs by words, state and host, drafts and past ones, by page", async () => {
  const { host, send, get } = await enterOrganiser();
  const at = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
  const past = { opensAt: at(-9), closesAt: at(-8), startsAt: at(-7), endsAt: at(-6) };
  for (const change of [
    { title: "Past", ...past },
    { title: "Draft", published: false, startsAt: at(4), endsAt: at(5) },
    { title: "Open", startsAt: at(3), endsAt: at(6) },
  ])
    expect((await send("POST", "/api/admin/lectures", newLecture(host, change))).status).toBe(201);
  const titles = async (query: string) => {
    const { body } = await get(`/api/admin/lectures${query}`);
    return body.lectures.map(({ title }: { title: string }) => title);
  };
  expect(await titles("")).toEqual(["Draft", "Open", "Past"]);
  expect(await titles("?state=draft")).toEqual(["Draft"]);
  expect(await titles("?state=open")).toEqual(["Open"]);
  expect(await titles("?state=closed")).toEqual(["Past"]);
  expect(await titles(`?q=pAst&host=${host}`)).toEqual(["Past"]);
  const seen: string[] = [];
  let next: string | undefined = "/api/admin/lectures?limit=1";
  for (let page = 0; next !== undefined && page < 5; page += 1) {
    const { body } = await get(next);
    seen.push(body.lectures[0].title);
    next = body.next;
  }
  expect(seen).toEqual(["Draft", "Open", "Past"]);
  expect((await get("/api/admin/lectures?state=x")).status).toBe(422);
});

test.each<[of: string, change: Record<string, unknown>, field: string]>([
  ["no title", { title: "" }, "title"],
  ["a long title", { title: "x".repeat(201) }, "title"],
  ["a title in two lines", { title: "a\nb" }, "title"],
  ["a poster without TLS", { posterUrl: "http://example.org/a.png" }, "posterUrl"],
  ["a script for a poster", { posterUrl: "javascript:alert(1)" }, "posterUrl"],
  ["a long description", { description: "x".repeat(20_001) }, "description"],
  ["a description of marks", { description: "*_".repeat(501) }, "description"],
  ["a negative capacity", { capacity: -1 }, "capacity"],
  ["a capacity that MySQL cannot hold", { capacity: 2 ** 32 }, "capacity"],
  ["a capacity in a text", { capacity: "10" }, "capacity"],
  ["a group twice", { audience: ["a", "a"] }, "audience"],
  ["a group with a comma", { audience: ["a,b"] }, "audience"],
  ["the 30th of February", { startsAt: "2026-02-30T00:00:00Z" }, "startsAt"],
  ["a time without a zone", { startsAt: "2026-01-01T00:00:00" }, "startsAt"],
  ["a year of six digits", { startsAt: "+012026-01-01T00:00:00Z" }, "startsAt"],
  ["a number for a time", { cancelUntil: 5 }, "cancelUntil"],
  ["an impossible host", { host: "A" }, "host"],
  ["a field that does not exist", { version: 3 }, "version"],
])(
  "a lecture with %s is refused by the name of the field, in both languages",
  async (_, change, field) => {
    const organiser = await enterAs("organiser", { hosts: ["a"] });
    for (const language of ["en", "zh"]) {
      const headers = { "accept-language": language };
      const body = newLecture("a", change);
      const made = await organiser.send("POST", "/api/admin/lectures", body, headers);
      expect(made).toMatchObject({ status: 422, body: { code: "invalid_request", field } });
      expect(made.body.detail).toContain(field);
      const patched = await organiser.send("PATCH", "/api/admin/lectures/1", change, {
        ...headers,
        "if-match": "*",
      });
      expect(patched).toMatchObject({ status: 422, body: { code: "invalid_request", field } });
    }
  },
);

test("a description of the greatest length comes through, in any script", async () => {
  const organiser = await enterOrganiser();
  const description = "量子*光*\n".repeat(500) + "光".repeat(16_000);
  const made = await organiser.send(
    "POST",
    "/api/admin/lectures",
    newLecture(organiser.host, { description }),
  );
  expect(made.status).toBe(201);
  expect(made.body.description).toBe(description);
});
