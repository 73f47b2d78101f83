import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Client, createClient, Exception } from "node-zookeeper-client";
import { addressOf } from "../test/servers.ts";
import { commitMulti, type MultiOperation } from "./multi.ts";

const client = createClient(addressOf("ZOOKEEPER_URL").replace(/\/.*/, ""));
const root = `/multi-answer-${crypto.randomUUID()}`;
const data = Buffer.from("讲座");

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    client.once("connected", resolve);
    client.connect();
  });
  await new Promise<void>((resolve, reject) =>
    client.mkdirp(root, (error) => (error ? reject(error) : resolve())),
  );
});
afterAll(async () => {
  await new Promise((resolve) => client.remove(root, resolve));
  client.close();
});

/** The code with which a multi of these operations ended. */
function committed(operations: MultiOperation[]): Promise<number> {
  return new Promise((resolve, reject) =>
    commitMulti(client, operations, (error, code) => (error ? reject(error) : resolve(code))),
  );
}

/** The results that the library's own transaction reads out of its answer. */
function committedByTheLibrary(fill: (transaction: ReturnType<Client["transaction"]>) => unknown) {
  const transaction = client.transaction();
  fill(transaction);
  return new Promise<{ error: unknown; results: unknown }>((resolve) =>
    transaction.commit((error, results) => resolve({ error, results })),
  );
}

const create = (name: string): MultiOperation => ({ create: `${root}/${name}`, data });
const remove = (name: string): MultiOperation => ({ remove: `${root}/${name}` });

test("a multi of which all is done fails with nothing", async () => {
  expect(await committed([create("a"), create("b")])).toBe(0);
  expect(await committed([remove("a"), create("c"), remove("b"), remove("c")])).toBe(0);
});

test("a multi fails with the code of the operation that failed, wherever it stands", async () => {
  expect(await committed([create("d")])).toBe(0);
  expect(await committed([remove("missing"), create("e")])).toBe(Exception.NO_NODE);
  expect(await committed([create("e"), remove("d"), remove("missing")])).toBe(Exception.NO_NODE);
  expect(await committed([create("e"), create("d"), remove("missing")])).toBe(
    Exception.NODE_EXISTS,
  );
  expect(await committed([remove("d")])).toBe(0);
});

test("the library's own transactions get all that they got before", async () => {
  const done = await committedByTheLibrary((transaction) =>
    transaction.create(`${root}/f`, data).setData(`${root}/f`, data).remove(`${root}/f`),
  );
  expect(done.error).toBeNull();
  expect(done.results).toMatchObject([{ type: 1, path: `${root}/f` }, { type: 5 }, { type: 2 }]);
  const failed = await committedByTheLibrary((transaction) =>
    transaction.create(`${root}/g`, data).remove(`${root}/missing`),
  );
  expect(failed.error).toMatchObject({ code: Exception.NO_NODE });
});
