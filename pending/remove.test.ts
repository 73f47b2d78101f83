import { afterAll, expect, test } from "bun:test";
import { cancelOf, openTestSession, reserveOf } from "../test/rooms/zookeeper-session.ts";
import { randomLectureId } from "../test/servers.ts";
import { createPendingNodes } from "./create.ts";
import { listPending } from "./read.ts";
import { removePendingNodes } from "./remove.ts";

const session = await openTestSession(200);

afterAll(() => session.close());

test("more nodes than one multi takes go, and only they", async () => {
  const create = createPendingNodes(session);
  const lectureId = randomLectureId();
  const commands = Array.from({ length: 1_230 }, () => reserveOf(lectureId));
  await Promise.all(commands.map(create));
  await removePendingNodes(session, commands.slice(0, 1_227));
  const left = (await listPending(session, lectureId)).map(
    (node) => "command" in node && node.command.rid,
  );
  expect(left.sort()).toEqual(
    commands
      .slice(1_227)
      .map(({ rid }) => rid)
      .sort(),
  );
});

test("nodes that are gone already, or named twice, do not keep the others", async () => {
  const create = createPendingNodes(session);
  const lectureId = randomLectureId();
  const commands = Array.from({ length: 250 }, () => reserveOf(lectureId));
  const present = commands.filter((_, index) => index % 3 > 0);
  await Promise.all(present.map(create));
  await removePendingNodes(session, [...commands, ...present]);
  expect(await listPending(session, lectureId)).toEqual([]);
  await removePendingNodes(session, commands);
});

test("a rid named twice, or as reserve and cancel, goes in one multi with others", async () => {
  const create = createPendingNodes(session);
  const lectureId = randomLectureId();
  const reserves = Array.from({ length: 5 }, () => reserveOf(lectureId));
  const commands = [...reserves, ...reserves.map(cancelOf)];
  await Promise.all(commands.map(create));
  const remove = () => Promise.reject(new Error("a node was removed by itself"));
  await removePendingNodes({ ...session, remove }, [...commands, ...commands]);
  expect(await listPending(session, lectureId)).toEqual([]);
});

test("removing a reserve leaves the cancel of the same rid", async () => {
  const create = createPendingNodes(session);
  const reserve = reserveOf(randomLectureId());
  const cancel = cancelOf(reserve);
  await Promise.all([create(reserve), create(cancel)]);
  await removePendingNodes(session, [reserve]);
  expect(await listPending(session, reserve.lectureId)).toMatchObject([{ command: cancel }]);
});

test("nothing to remove is fine, and so is a lecture that never was", async () => {
  await removePendingNodes(session, []);
  await removePendingNodes(session, [reserveOf(randomLectureId())]);
});
