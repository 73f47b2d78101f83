import { expect, test } from "bun:test";
import { eventually } from "../test/servers.ts";
import { campaign } from "./leadership.ts";
import { privateZooKeeper } from "./private-zookeeper.ts";
import { connectedSession, openTestSession } from "./session-for-test.ts";

const path = () => `/leader-${crypto.randomUUID()}`;

test("of three that campaign one leads, and when it closes another one takes over", async () => {
  const sessions = [await openTestSession()];
  const leader = path();
  const candidates = [0, 1, 2].map(() => campaign(sessions[0] as (typeof sessions)[0], { path: leader }));
  const leading = () => candidates.filter(({ leads }) => leads());
  await eventually("somebody leads", async () => leading().length === 1);
  const [first] = leading();
  await first?.close();
  expect(first?.leads()).toBe(false);
  await eventually("another one leads", async () => leading().length === 1);
  expect(leading()).not.toContain(first);
  for (const candidate of candidates) await candidate.close();
  expect(leading()).toHaveLength(0);
  for (const session of sessions) await session.close();
}, 20_000);

test("a leader that hears nothing from ZooKeeper stops leading, and leads again when it is back", async () => {
  const own = await privateZooKeeper();
  await own.start();
  const session = await connectedSession(own.address);
  const candidate = campaign(session, { path: path() });
  try {
    await eventually("it leads", async () => candidate.leads());
    own.freeze();
    await eventually("it leads no more", async () => !candidate.leads());
    own.thaw();
    await eventually("it leads again", async () => candidate.leads(), 30_000);
  } finally {
    await candidate.close();
    await session.close();
    await own.kill();
  }
}, 60_000);
