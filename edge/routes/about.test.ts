import { afterAll, expect, test } from "bun:test";
import { writtenDocument } from "../../contract/openapi/write.ts";
import { startEdgeAlone } from "../../test/edge-alone.ts";

const edge = startEdgeAlone({ READ_BUCKET_TOKENS: "40", READ_BUCKET_REFILL_PER_S: "1" });
afterAll(() => edge.close());

test("the document is the one that the schemas give, as JSON", async () => {
  const answer = await edge.fetch("/api/openapi.json");
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(await answer.json()).toEqual(JSON.parse(writtenDocument()));
});

test("llms.txt leads to the document and the page", async () => {
  const answer = await edge.fetch("/llms.txt");
  const text = await answer.text();
  expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(text).toStartWith("# Lectern\n\n> ");
  for (const [, path = ""] of text.matchAll(/\]\((.*?)\)/g))
    expect((await edge.fetch(path)).headers.get("content-type"), path).not.toBeNull();
});

test.each(["/api/openapi.json", "/llms.txt"])(
  "%s is kept by its ETag, and its head has its length",
  async (path) => {
    const full = await edge.fetch(path);
    const etag = full.headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[\w+/]{20}"$/);
    expect(full.headers.get("cache-control")).toBe("public, max-age=300");
    const again = await edge.fetch(path, { headers: { "If-None-Match": etag } });
    expect([again.status, again.headers.get("etag"), await again.text()]).toEqual([304, etag, ""]);
    const head = await edge.fetch(path, { method: "HEAD" });
    expect(head.headers.get("content-length")).toBe(
      String(new TextEncoder().encode(await full.text()).byteLength),
    );
  },
);

test("readers beyond their address's bucket are told to wait, and ask nobody behind", async () => {
  const answers = await Promise.all(
    Array.from({ length: 60 }, () => edge.fetch("/api/openapi.json")),
  );
  expect(answers.some(({ status }) => status === 429)).toBe(true);
  expect([edge.origin.heard, edge.wire.requests]).toEqual([[], []]);
});
