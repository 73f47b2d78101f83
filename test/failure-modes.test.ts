import { expect, test } from "bun:test";
import { Glob } from "bun";
import { problems } from "../contract/problems.ts";

const page = await Bun.file("failure-modes.md").text();
const [codes = "", events = ""] = page.split("## Log events");

/** The names in the first column of a table. */
function namesIn(table: string): string[] {
  const cells = [...table.matchAll(/^\| (`[a-z_` ]+`) \|/gm)].flatMap((match) => match[1] ?? []);
  return cells.flatMap((cell) =>
    [...cell.matchAll(/`([a-z_]+)`/g)].flatMap((match) => match[1] ?? []),
  );
}

/** Every event name in the services' logs. A server-sent event does not count. */
async function loggedEvents(): Promise<Set<string>> {
  const found = new Set<string>();
  for (const file of new Glob("{edge,origin,runtime,worker}/**/*.ts").scanSync(".")) {
    if (file.endsWith(".test.ts")) continue;
    const text = await Bun.file(file).text();
    for (const [, name] of text.matchAll(/\{\s*(?:level: "info", )?event: "([a-z_]+)"/g))
      found.add(name as string);
    for (const [, name] of text.matchAll(/logFailure\(\s*"([a-z]+)"/g)) found.add(name as string);
  }
  found.delete("status");
  return found;
}

test("every code a client can be answered with is explained, and no other", () => {
  expect(namesIn(codes).sort()).toEqual(Object.keys(problems).sort());
});

test("every event a service logs is explained, and no other", async () => {
  expect(namesIn(events).sort()).toEqual([...(await loggedEvents())].sort());
});
