import { afterEach, beforeEach, expect, spyOn, test } from "bun:test";
import { Hono } from "hono";
import { addressReader } from "./client-address.ts";
import type { EdgeEnv } from "./context.ts";

/** Reads addresses in their order, as one isolate does. */
function readerOf({ name = "", hops = 1 } = {}) {
  const addressOf = addressReader({ name, hops });
  const app = new Hono<EdgeEnv>().get("/", (c) => c.text(addressOf(c)));
  return async (headers: Record<string, string>, socketAddress?: string): Promise<string> =>
    (await app.request("/", { headers }, { socketAddress: () => socketAddress })).text();
}

const lines: Record<string, unknown>[] = [];
let console_: ReturnType<typeof spyOn>;
beforeEach(() => {
  lines.length = 0;
  console_ = spyOn(console, "error").mockImplementation(
    (line: string) => void lines.push(JSON.parse(line)),
  );
});
afterEach(() => console_.mockRestore());

test.each([
  ["203.0.113.7", "203.0.113.7"],
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["::ffff:cb00:7107", "203.0.113.7"],
  ["0:0:0:0:0:FFFF:203.0.113.7", "203.0.113.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["2001:0DB8:0001:0002:ffff::1", "2001:db8:1:2"],
  ["2001:db8::1", "2001:db8:0:0"],
  ["2001:db8::", "2001:db8:0:0"],
  ["fe80::1%eth0", "fe80:0:0:0"],
  ["::1", "0:0:0:0"],
  ["203.0.113.7:51234", "203.0.113.7"],
  ["[2001:db8:1:2::3]:443", "2001:db8:1:2"],
  ["[2001:db8:1:2::3]", "2001:db8:1:2"],
  ["", "shared"],
  ["unknown", "shared"],
  ["_hidden", "shared"],
  ["1.2.3.4.5", "shared"],
  ["1.2.3.256", "shared"],
  ["01.2.3.4", "shared"],
  ["1:2", "shared"],
  ["1:2:3:4:5:6:7", "shared"],
  ["1:2:3:4:5:6:7:8:9", "shared"],
  ["1::2::3", "shared"],
  ["1:2:3:4::5:6:7:8", "shared"],
  [":::", "shared"],
  ["1:2:3:4:5:6:7:g", "shared"],
  ["1.2.3.4:port", "shared"],
  ["[1.2.3.4", "shared"],
  ['1.2.3.4","x', "shared"],
  ["x".repeat(9_999), "shared"],
])("the connection %p pays into the bucket %s", async (address, bucket) => {
  expect(await readerOf()({}, address)).toBe(bucket);
});

test("a header counts only when it is set up, and then in place of the connection", async () => {
  const sent = { "X-Client": "198.51.100.1", "cf-connecting-ip": "198.51.100.2" };
  expect(await readerOf()(sent, "203.0.113.7")).toBe("203.0.113.7");
  expect(await readerOf({ name: "x-client" })(sent, "203.0.113.7")).toBe("198.51.100.1");
  expect(await readerOf({ name: "x-client" })({}, "203.0.113.7")).toBe("shared");
});

test.each([
  ["198.51.100.1", 1, "198.51.100.1"],
  ["198.51.100.1:4711", 1, "198.51.100.1"],
  ["[2001:db8:1:2::3]:4711", 1, "2001:db8:1:2"],
  ["10.9.9.9, 198.51.100.1", 1, "198.51.100.1"],
  ["10.9.9.9,198.51.100.1 , 192.0.2.1", 2, "198.51.100.1"],
  ["198.51.100.1:4711, 192.0.2.1", 2, "198.51.100.1"],
  ["a, b, 2001:db8:1:2::3, 192.0.2.1, 192.0.2.2", 3, "2001:db8:1:2"],
  ["198.51.100.1", 2, "shared"],
])(
  "of the list %p with %p trusted hops the bucket is %s, whatever a client wrote before",
  async (value, hops, bucket) => {
    expect(await readerOf({ name: "x-forwarded-for", hops })({ "X-Forwarded-For": value })).toBe(
      bucket,
    );
  },
);

test("two header lines are one list", async () => {
  const headers = new Headers([
    ["X-Forwarded-For", "10.9.9.9"],
    ["X-Forwarded-For", "198.51.100.1"],
  ]);
  const app = new Hono<EdgeEnv>();
  const addressOf = addressReader({ name: "x-forwarded-for", hops: 1 });
  app.get("/", (c) => c.text(addressOf(c)));
  expect(await (await app.request("/", { headers })).text()).toBe("198.51.100.1");
});

test("an unreadable address header is logged once, without its content", async () => {
  const read = readerOf({ name: "x-forwarded-for", hops: 2 });
  await read({ "X-Forwarded-For": "198.51.100.1, 192.0.2.1" });
  expect(lines).toEqual([]);
  for (const value of ["198.51.100.7", "secret-words, b", ""])
    await read({ "X-Forwarded-For": value });
  await read({});
  expect(lines).toEqual([
    {
      level: "error",
      time: expect.any(String),
      event: "address_unreadable",
      header: "x-forwarded-for",
      words: 1,
      hops: 2,
    },
  ]);
});

test("where no header is set up nothing is missed in it", async () => {
  expect(await readerOf()({}, undefined)).toBe("shared");
  expect(lines).toEqual([]);
});
