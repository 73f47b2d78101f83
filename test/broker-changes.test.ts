import { expect, test } from "bun:test";
import { join } from "node:path";
import { setBrokerAlarm } from "./broker-alarm.ts";
import { evaluateOnBroker } from "./broker-eval.ts";

const NO_ALARM = "[] = rabbit_alarm:get_alarms()";

test("another process, such as the next test's start, ends an alarm that a test left", async () => {
  await setBrokerAlarm(true);
  await expect(evaluateOnBroker(NO_ALARM)).rejects.toThrow("badmatch");
  const changes = join(import.meta.dir, "broker-changes.ts");
  const code = `await (await import(${JSON.stringify(changes)})).undoBrokerChange();`;
  const next = Bun.spawn([process.execPath, "-e", code], {
    env: process.env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  expect(await next.exited).toBe(0);
  await evaluateOnBroker(NO_ALARM);
});

test("an undoing waits for the change that is under way", async () => {
  const raising = setBrokerAlarm(true);
  await setBrokerAlarm(false);
  await raising;
  await evaluateOnBroker(NO_ALARM);
});
