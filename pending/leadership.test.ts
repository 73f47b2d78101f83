import { expect, test } from "bun:test";
import { privateZooKeeper } from "../test/private/private-zookeeper.ts";
import { openWire } from "../test/rooms/wire.ts";
import { connectedSession, openTestSession } from "../test/rooms/zookeeper-session.ts";
import { addressOf, eventually } from "../test/servers.ts";
import { campaign } from "./leadership.ts";
import { openZooKeeper, type ZooKeeperSession } from "./session.ts";

const path = () => `/leader-${crypto.randomUUID()}`;

test("of three that campaign one leads, and when it closes another one takes over", async () => {
  const sessions = [await openTestSession()];
  const leader = path();
  const candidates = [0, 1, 2].map(() =>
    campaign(sessions[0] as (typeof sessions)[0], { path: leader }),
  );
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
});

test("a leader without answers from ZooKeeper stops leading, and leads again later", async () => {
  await using own = await privateZooKeeper();
  await own.start();
  const session = await connectedSession(own.address);
  const candidate = campaign(session, { path: path() });
  try {
    await eventually("it leads", async () => candidate.leads());
    own.freeze();
    await eventually("it leads no more", async () => !candidate.leads());
    own.thaw();
    await eventually("it leads again", async () => candidate.leads());
  } finally {
    await candidate.close();
    await session.close();
    await own.kill();
  }
});

/** A campaign that counts the looks that have ended. */
function countedCampaign(session: ZooKeeperSession, leader: string) {
  let looks = 0;
  const counted: ZooKeeperSession = {
    ...session,
    async read(...args) {
      const node = await session.read(...args);
      looks += 1;
      return node;
    },
  };
  return { candidate: campaign(counted, { path: leader }), looks: () => looks };
}

test("a leader does not take the node of its dead session for its own", async () => {
  await using own = await privateZooKeeper();
  await own.start();
  const wire = await openWire(`tcp://${own.address}`);
  const session = await connectedSession(wire.url.replace("tcp://", ""));
  const leader = path();
  const { candidate, looks } = countedCampaign(session, leader);
  try {
    await eventually("it leads", async () => candidate.leads());
    const [first, looked] = [session.currentSession(), looks()];
    wire.cut();
    await eventually("the loss is noticed", async () => session.currentSession() === undefined);
    expect(candidate.leads()).toBe(false);
    wire.mend();
    await eventually("a new session", async () => session.currentSession() !== undefined);
    expect(session.currentSession()).not.toBe(first);
    await eventually("it looked again, at the old node", async () => looks() > looked);
    // The server keeps the old session for some seconds, so the node that was read is mostly still
    // the old one.
    const leadsByOldNode = candidate.leads() && !(await session.read(leader))?.isOfThisSession;
    expect(leadsByOldNode).toBe(false);
    await eventually("it leads by a node of its new session", async () => candidate.leads());
    expect((await session.read(leader))?.isOfThisSession).toBe(true);
  } finally {
    await candidate.close();
    await session.close();
    await wire.close();
  }
});

test("a leader with a replaced connection leads no more once the old session ends", async () => {
  const [servers] = addressOf("ZOOKEEPER_URL").split("/");
  const session = openZooKeeper({
    servers: `${servers}/test-${crypto.randomUUID()}`,
    sessionTimeoutMs: 6_000,
    operationTimeoutMs: 5_000,
    maxInFlight: 500,
    maxOperationsPerConnection: 30,
  });
  const candidate = campaign(session, { path: path() });
  try {
    await eventually("it leads", async () => candidate.leads());
    const ledAtRenewal: boolean[] = [];
    session.onRenewed(() => ledAtRenewal.push(candidate.leads()));
    await eventually("the connection was replaced", async () => {
      await session.exists("/");
      return ledAtRenewal.length > 0;
    });
    expect(ledAtRenewal[0]).toBe(false);
    await eventually("it leads again", async () => candidate.leads());
  } finally {
    await candidate.close();
    await session.close();
  }
});
