import { expect, test } from "bun:test";
import { exposition } from "../metrics/exposition.ts";
import { openLog } from "./log.ts";

function logged() {
  const lines: Record<string, unknown>[] = [];
  const opened = openLog({
    service: "origin",
    level: "info",
    write: (line) => lines.push(JSON.parse(line)),
  });
  return { ...opened, lines };
}

test("lines are JSON with the service's name, and what is logged with them", () => {
  const { log, lines } = logged();
  log.warn({ event: "node_not_created", rid: "r", requestId: "i" }, "a text");
  expect(lines).toMatchObject([
    {
      level: 40,
      service: "origin",
      event: "node_not_created",
      rid: "r",
      requestId: "i",
      msg: "a text",
    },
  ]);
});

test("secrets, users and statements are left out, also where an error carries them", () => {
  const { log, lines } = logged();
  const err = Object.assign(new Error("refused"), {
    sql: "INSERT INTO x VALUES ('s-1')",
    parameters: ["s-1"],
  });
  log.error({
    event: "x",
    err,
    token: "t1",
    userId: "s-1",
    request: { authorization: "Bearer t1", cookie: "t1" },
  });
  const text = JSON.stringify(lines);
  expect(text).toContain("refused");
  expect(text).not.toMatch(/INSERT|s-1|t1/);
});

test("each event is counted, at the levels that are written", () => {
  const { log, families } = logged();
  for (let time = 0; time < 3; time += 1) log.warn({ event: "sweep_failed" }, "x");
  log.debug({ event: "quiet" }, "x");
  log.info("no event");
  expect(exposition(families).match(/^[^#].*$/gm)).toEqual([
    'lectern_log_events_total{event="sweep_failed"} 3',
    "lectern_log_lines_lost_total 0",
  ]);
});
