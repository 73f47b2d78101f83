import { afterAll, expect, test } from "bun:test";
import { pendingPaths } from "../contract/names.ts";
import { cancelOf, openTestSession, reserveOf } from "../test/rooms/zookeeper-session.ts";
import { randomLectureId } from "../test/servers.ts";
import { createPendingNodes } from "./create.ts";
import { countPending, findPending, listPending } from "./read.ts";

const session = await openTestSession();

afterAll(() => session.close());

test("a rid is pending with its reserve node, with its cancel node, and not without", async () => {
  const create = createPendingNodes(session);
  const lectureId = randomLectureId();
  const [asked, cancelled, unknown] = [
    reserveOf(lectureId),
    reserveOf(lectureId),
    reserveOf(lectureId),
  ];
  await Promise.all([create(asked), create(cancelOf(cancelled))]);
  expect(await findPending(session, asked.rid)).toMatchObject({ rid: asked.rid });
  expect(await findPending(session, cancelled.rid)).toMatchObject({ rid: cancelled.rid });
  expect(await findPending(session, unknown.rid)).toBeUndefined();
});

test("the cancel is found before the reserve, and nothing where nothing is pending", async () => {
  const create = createPendingNodes(session);
  const reserve = reserveOf(randomLectureId());
  const cancel = cancelOf(reserve);
  expect(await findPending(session, reserve.rid)).toBeUndefined();
  await create(reserve);
  expect(await findPending(session, reserve.rid)).toEqual(reserve);
  await create(cancel);
  expect(await findPending(session, reserve.rid)).toEqual(cancel);
});

test("a lecture's list holds every node of every shard with its age", async () => {
  const create = createPendingNodes(session);
  const lectureId = randomLectureId();
  const commands = Array.from({ length: 1_500 }, () => reserveOf(lectureId));
  const beforeMs = Date.now() - 1_000;
  await Promise.all(commands.map(create));
  const nodes = await listPending(session, lectureId);
  const found = new Map(nodes.map((node) => ["command" in node && node.command.rid, node]));
  expect(found.size).toBe(commands.length);
  for (const command of commands) {
    const node = found.get(command.rid);
    expect(node).toMatchObject({ command, path: pendingPaths.node(command.rid, "reserve") });
    expect(node?.createdAtMs).toBeWithin(beforeMs, Date.now() + 1_000);
  }
});

test("nodes without a command of their own are unreadable and keep their content", async () => {
  const create = createPendingNodes(session);
  const good = reserveOf(randomLectureId());
  await create(good);
  const shard = pendingPaths.shardOf(good.rid);
  const stranger = reserveOf(good.lectureId);
  const bad: Record<string, string> = {
    [`${good.lectureId}-empty`]: "",
    [`${good.lectureId}-cut`]: '{"kind":"reserve"',
    [`${good.lectureId}-foreign`]: JSON.stringify({ kind: "reserve" }),
    [`${good.rid}.cancel`]: JSON.stringify(stranger),
  };
  for (const [name, data] of Object.entries(bad))
    await session.create(`${shard}/${name}`, Buffer.from(data));
  const nodes = await listPending(session, good.lectureId);
  expect(nodes).toHaveLength(5);
  const unreadable = nodes.filter((node) => "unreadable" in node);
  expect(
    Object.fromEntries(
      unreadable.map((node) => [node.path.slice(shard.length + 1), `${node.data}`]),
    ),
  ).toEqual(bad);
  expect(nodes.filter((node) => "command" in node)).toMatchObject([{ command: good }]);
  await expect(findPending(session, good.rid)).rejects.toThrow("unreadable");
});

test("an unknown lecture has an empty list", async () => {
  expect(await listPending(session, randomLectureId())).toEqual([]);
});

test("pending nodes are counted for each lecture that has any", async () => {
  const create = createPendingNodes(session);
  const [one, two] = [randomLectureId(), randomLectureId()];
  const reserve = reserveOf(one);
  await Promise.all([create(reserve), create(cancelOf(reserve)), create(reserveOf(two))]);
  const counts = await countPending(session);
  expect([one, two, randomLectureId()].map((id) => counts.get(id))).toEqual([2, 1, undefined]);
});

test("before anything was ever pending there is nothing to list", async () => {
  const fresh = await openTestSession();
  expect((await countPending(fresh)).size).toBe(0);
  expect(await listPending(fresh)).toEqual([]);
  await fresh.close();
});
