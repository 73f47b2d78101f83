import { expect, test } from "bun:test";
import { ACL, createClient, Id, Permission } from "node-zookeeper-client";
import { addressOf } from "../test/servers.ts";
import { probeZooKeeper } from "./probes/zookeeper.ts";

const address = addressOf("ZOOKEEPER_URL");

/** A node below which nobody may create anything. */
async function lockedChroot(): Promise<string> {
  const client = createClient(address);
  const path = `/locked-${crypto.randomUUID()}`;
  const readOnly = [new ACL(Permission.READ, new Id("world", "anyone"))];
  const made = Promise.withResolvers<void>();
  client.once("connected", () =>
    client.create(path, Buffer.alloc(0), readOnly, (error) =>
      error ? made.reject(error) : made.resolve(),
    ),
  );
  client.connect();
  await made.promise;
  client.close();
  return `${address}${path}`;
}

test("a chroot that is missing is made, and nothing stays in it", async () => {
  expect(await probeZooKeeper(`${address}/made-${crypto.randomUUID()}/below`)).toBeUndefined();
});

test("a chroot where we may create nothing is said to be one", async () => {
  expect(await probeZooKeeper(await lockedChroot())).toEqual({
    why: "it does not let us create nodes there",
    isFinal: true,
  });
});

test("an unknown host, a closed port and another kind of server are told apart", async () => {
  const other = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("") });
  try {
    expect(await probeZooKeeper("nowhere.invalid:2181")).toMatchObject({
      why: "its host name is unknown",
      isFinal: true,
    });
    expect(await probeZooKeeper("127.0.0.1:1")).toMatchObject({ why: "nothing listens there" });
    expect(await probeZooKeeper(`127.0.0.1:${other.port}`)).toMatchObject({
      why: "it begins no session with us",
    });
  } finally {
    await other.stop(true);
  }
});
