import { afterAll, expect, test } from "bun:test";
import { Keyring } from "../contract/keyring.ts";
import { issueSession } from "../origin/session-token.ts";
import { randomUserId, startEdgeAlone } from "../test/edge-alone.ts";
import { eventually } from "../test/servers.ts";
import { refuse } from "../test/stub-origin.ts";

const edge = startEdgeAlone();
afterAll(() => edge.close());

async function ask(headers: Record<string, string> = {}, method = "GET"): Promise<Response> {
  const keys = Keyring.parse(edge.env.SESSION_KEYS);
  const session = {
    userId: randomUserId(),
    role: "organiser" as const,
    minutes: 5,
    nowMs: Date.now(),
  };
  const { token } = await issueSession(keys, session);
  return await edge.fetch("/api/admin/lectures/7/reservations?status=confirmed&student=2023", {
    method,
    headers: { Authorization: `Bearer ${token}`, Accept: "text/csv", ...headers },
  });
}

/** A file that goes on until its reader leaves. */
function endless() {
  let [chunks, isLeft] = [0, false];
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      chunks += 1;
      await Bun.sleep(1);
      controller.enqueue(new Uint8Array(65_536).fill(65));
    },
    cancel() {
      isLeft = true;
    },
  });
  return { body, chunks: () => chunks, isLeft: () => isLeft };
}

test("the origin gets the language and the filter, and the file comes under a name", async () => {
  edge.origin.answer(() => new Response("a,b\r\n"));
  const answer = await ask({ "Accept-Language": "zh-CN" });
  const heard = edge.origin.heard.at(-1)?.path ?? "";
  const { pathname, search } = new URL(heard, "http://origin");
  expect(pathname).toBe("/admin/lectures/7/reservations.csv");
  expect(search).toMatch(
    /^\?by=[^&]+&role=organiser&hosts=&status=confirmed&student=2023&language=zh$/,
  );
  expect(await answer.text()).toBe("a,b\r\n");
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.headers.get("content-disposition")).toContain("lecture-7-reservations.csv");
});

test("a reader who leaves ends the origin's reading, and one who stops holds it up", async () => {
  const file = endless();
  edge.origin.answer(() => new Response(file.body));
  const reader = ((await ask()).body as ReadableStream<Uint8Array>).getReader();
  await reader.read();
  await Bun.sleep(300);
  const held = file.chunks();
  await Bun.sleep(300);
  expect(file.chunks()).toBe(held);
  await reader.cancel();
  await eventually("the origin's stream is left", async () => file.isLeft());
});

test("a file that breaks at the origin breaks at the client, too", async () => {
  edge.origin.answer(() => {
    let chunks = 0;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await Bun.sleep(5);
        if (chunks++ < 2) controller.enqueue(new Uint8Array(1_000).fill(65));
        else controller.error(new Error("MySQL went away"));
      },
    });
    return new Response(body);
  });
  const answer = await ask();
  expect(answer.status).toBe(200);
  expect(
    await answer.text().then(
      () => "whole",
      () => "broken",
    ),
  ).toBe("broken");
});

test("HEAD reads no file, and a refusal stays a refusal", async () => {
  const file = endless();
  edge.origin.answer(() => new Response(file.body));
  const head = await ask({}, "HEAD");
  expect([head.status, head.body]).toEqual([200, null]);
  await eventually("the origin's stream is left", async () => file.isLeft());
  edge.origin.answer(() => refuse("lecture_not_found", 404));
  expect((await ask()).status).toBe(404);
});

test.each(["text/csv", "text/html, text/csv;q=0.9", "TEXT/CSV"])(
  "Accept: %s asks for a file",
  async (accept) => {
    edge.origin.answer(() => new Response("a"));
    expect((await ask({ Accept: accept })).headers.get("content-type")).toStartWith("text/csv");
  },
);

test("any other Accept is answered as JSON", async () => {
  edge.origin.answer(() => Response.json({ reservations: [] }));
  for (const accept of ["*/*", "application/json", "text/csvx"])
    expect(await (await ask({ Accept: accept })).json()).toEqual({ reservations: [] });
});
