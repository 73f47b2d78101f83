import { afterAll, expect, test } from "bun:test";
import { bodyOf, startEdgeAlone } from "../test/edge-alone.ts";
import { eventually } from "../test/servers.ts";
import { shownLecture } from "../test/shown-lecture.ts";

const edge = startEdgeAlone({ IN_FLIGHT_MAX: "2" });
afterAll(() => edge.close());

test("a request too many in flight is refused at once; later there is room again", async () => {
  const answers: (() => void)[] = [];
  edge.origin.answer(({ path }) => {
    const body = path === "/lectures" ? { lectures: [] } : shownLecture();
    return new Promise((resolve) => answers.push(() => resolve(Response.json(body))));
  });
  const working = [edge.fetch("/api/lectures"), edge.fetch("/api/lectures/7")];
  await eventually("the origin is asked twice", async () => answers.length === 2);
  const refused = await edge.fetch("/api/lectures");
  expect([refused.status, (await bodyOf(refused))["code"]]).toEqual([503, "unavailable"]);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(5);
  for (const answer of answers) answer();
  expect((await Promise.all(working)).map(({ status }) => status)).toEqual([200, 200]);
  edge.origin.answer(() => Response.json({ lectures: [] }));
  expect((await edge.fetch("/api/lectures")).status).toBe(200);
});
