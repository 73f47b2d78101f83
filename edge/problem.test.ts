import { expect, test } from "bun:test";
import { Hono } from "hono";
import { type ProblemCode, problems } from "../contract/problems.ts";
import type { EdgeEnv } from "./context.ts";
import { problem } from "./problem.ts";

const codes = Object.keys(problems) as ProblemCode[];
const app = new Hono<EdgeEnv>().get("/:code", (c) =>
  problem(c, c.req.param("code") as ProblemCode),
);

function ask(code: string, language?: string): Promise<Response> {
  const headers: Record<string, string> =
    language === undefined ? {} : { "Accept-Language": language };
  return Promise.resolve(app.request(`/${code}`, { headers }));
}

test.each(codes)("%s reads in both languages and says the same to machines", async (code) => {
  const [en, zh] = await Promise.all([ask(code, "en"), ask(code, "zh-CN")]);
  expect([en.status, zh.status]).toEqual([problems[code].status, problems[code].status]);
  const [inEnglish, inChinese] = [(await en.json()) as object, (await zh.json()) as object];
  expect(inEnglish).toMatchObject({
    type: `tag:lectern.example,2026:problem:${code}`,
    code,
    title: problems[code].en,
  });
  expect(inChinese).toMatchObject({
    type: `tag:lectern.example,2026:problem:${code}`,
    code,
    title: problems[code].zh,
  });
  expect(zh.headers.get("content-language")).toBe("zh");
});

test("every 429 and 503 has a Retry-After in whole seconds, spread among clients", async () => {
  for (const code of codes.filter((code) => [429, 503].includes(problems[code].status))) {
    const values = new Set<string>();
    for (let at = 0; at < 100; at++) values.add((await ask(code)).headers.get("retry-after") ?? "");
    expect([...values].every((value) => /^[1-9][0-9]*$/.test(value))).toBe(true);
    expect(values.size).toBeGreaterThan(1);
  }
});

test.each([
  [undefined, "en"],
  ["", "en"],
  ["*", "en"],
  ["fr", "en"],
  ["zh", "zh"],
  ["ZH-Hans-CN", "zh"],
  ["zh-CN,zh;q=0.9,en;q=0.8", "zh"],
  ["en-GB,zh;q=0.9", "en"],
  ["fr, zh;q=0.5, en;q=0.4", "zh"],
  ["zh;q=0, en;q=0.1", "en"],
  ["zhong", "en"],
  [`${"x,".repeat(5_000)}zh`, "en"],
])("a reader of %p is answered in %s", async (accepted, language) => {
  expect((await ask("sold_out", accepted)).headers.get("content-language")).toBe(language);
});
