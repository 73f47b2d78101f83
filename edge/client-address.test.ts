import { expect, test } from "bun:test";
import { Hono } from "hono";
import { addressReader } from "./client-address.ts";
import type { EdgeEnv } from "./context.ts";

async function bucketOf(
  header: string,
  sent: Record<string, string>,
  socketAddress?: string,
): Promise<string> {
  const addressOf = addressReader(header);
  const app = new Hono<EdgeEnv>().get("/", (c) => c.text(addressOf(c)));
  return (await app.request("/", { headers: sent }, { socketAddress: () => socketAddress })).text();
}

test.each([
  ["203.0.113.7", "203.0.113.7"],
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["2001:0DB8:0001:0002:ffff::1", "2001:db8:1:2"],
  ["2001:db8::1", "2001:db8:0:0"],
  ["::1", "0:0:0:0"],
  ["", "shared"],
  ["unknown", "shared"],
  ["1.2.3.4, 5.6.7.8", "shared"],
  ["x".repeat(9_999), "shared"],
])("the connection %p pays into the bucket %s", async (address, bucket) => {
  expect(await bucketOf("", {}, address)).toBe(bucket);
});

test("a header counts only when it is set up, and then in place of the connection", async () => {
  const sent = { "X-Client": "198.51.100.1", "cf-connecting-ip": "198.51.100.2" };
  expect(await bucketOf("", sent, "203.0.113.7")).toBe("203.0.113.7");
  expect(await bucketOf("x-client", sent, "203.0.113.7")).toBe("198.51.100.1");
  expect(await bucketOf("x-client", {}, "203.0.113.7")).toBe("shared");
});
