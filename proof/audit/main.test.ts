import { afterAll, expect, test } from "bun:test";
import { runProgram } from "../../test/run-program.ts";
import { openTestAudits } from "./test-lecture.ts";

const { execute, plant, close } = await openTestAudits();
const lecture = await plant();

afterAll(close);

function audit(args: string[], env: Record<string, string> = {}) {
  return runProgram(`${import.meta.dir}/main.ts`, args, { ...process.env, ...env });
}

test("a clean lecture exits 0 with the servers side by side and a pass for each guarantee", async () => {
  const { code, stdout } = await audit(["--lecture", lecture.id, "--wait", "5"]);
  expect(stdout).toContain(`Lecture ${lecture.id}  An audited lecture`);
  expect(stdout).toMatch(/MySQL.*Redis.*ZooKeeper.*RabbitMQ/);
  for (const guarantee of ["G1", "G2", "G3", "G4", "G5", "G6", "G7"])
    expect(stdout).toContain(`${guarantee} pass`);
  expect(code).toBe(0);
});

test("a breach exits 1 and is named, in words and as JSON", async () => {
  await execute("UPDATE stock SET remaining = 0 WHERE lecture_id = ?", [lecture.id]);
  const told = await audit(["--lecture", lecture.id, "--wait", "0"]);
  expect(told.stdout).toContain("G1 breach (1)");
  expect(told.stdout).toContain("stock.remaining is 0, while 5 seats less 3 confirmed leave 2");
  expect(told.code).toBe(1);
  const json = await audit(["--json", "--lecture", lecture.id, "--wait", "0"]);
  expect(JSON.parse(json.stdout)).toMatchObject({ clean: false, breaches: 1 });
  expect(json.code).toBe(1);
});

test("a command line that makes no sense exits 2 with what is wrong and how it is used", async () => {
  for (const args of [["--lecture", "1abc"], ["--wait", "soon"], ["--wait", ""], ["--colour"]]) {
    const { code, stdout, stderr } = await audit(args);
    expect(stderr).toContain("usage: npm run audit");
    expect(stdout).toBe("");
    expect(code).toBe(2);
  }
});

test.each([
  ["BOOKING_MYSQL_URL", "mysql://nobody@127.0.0.1:1/lectern", "MySQL does not answer"],
  ["UPSTASH_REDIS_REST_URL", "http://127.0.0.1:1", "Redis does not answer"],
  ["RABBITMQ_URL", "amqp://127.0.0.1:1", "RabbitMQ does not tell the depth of its queues"],
  ["PARTITIONS", "none", "wrong settings: PARTITIONS"],
])("a wrong %s exits 2 with one line that names it", async (name, value, message) => {
  const args = ["--lecture", lecture.id, "--wait", "0"];
  const { code, stdout, stderr } = await audit(args, { [name]: value });
  expect(stderr).toStartWith(`audit: ${message}`);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stdout).toBe("");
  expect(code).toBe(2);
});
