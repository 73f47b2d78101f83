import { afterAll, expect, test } from "bun:test";
import { execute, openTestSources, plantLecture, removeLecture } from "./test-lecture.ts";

const sources = await openTestSources();
const lecture = await plantLecture(sources);

afterAll(async () => {
  await removeLecture(sources, lecture.id);
  await sources.close();
});

function audit(...args: string[]) {
  return auditWith({}, ...args);
}

async function auditWith(env: Record<string, string>, ...args: string[]) {
  const child = Bun.spawn([process.execPath, `${import.meta.dir}/main.ts`, ...args], {
    env: { ...process.env, ...env },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, stdout, stderr };
}

test("a clean lecture exits 0 with the servers side by side and a pass for each guarantee", async () => {
  const { code, stdout } = await audit("--lecture", lecture.id, "--wait", "5");
  expect(stdout).toContain(`Lecture ${lecture.id}  An audited lecture`);
  expect(stdout).toMatch(/MySQL.*Redis.*ZooKeeper.*RabbitMQ/);
  for (const guarantee of ["G1", "G2", "G3", "G4", "G5", "G6", "G7"])
    expect(stdout).toContain(`${guarantee} pass`);
  expect(code).toBe(0);
});

test("a breach exits 1 and is named, in words and as JSON", async () => {
  await execute(sources, "UPDATE stock SET remaining = 0 WHERE lecture_id = ?", [lecture.id]);
  const told = await audit("--lecture", lecture.id, "--wait", "0");
  expect(told.stdout).toContain("G1 breach (1)");
  expect(told.stdout).toContain("stock.remaining is 0, while 5 seats less 3 confirmed leave 2");
  expect(told.code).toBe(1);
  const json = await audit("--json", "--lecture", lecture.id, "--wait", "0");
  expect(JSON.parse(json.stdout)).toMatchObject({ clean: false, breaches: 1 });
  expect(json.code).toBe(1);
});

test("a command line that makes no sense exits 2 with what is wrong and how it is used", async () => {
  for (const args of [["--lecture", "1abc"], ["--wait", "soon"], ["--wait", ""], ["--colour"]]) {
    const { code, stdout, stderr } = await audit(...args);
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
  const { code, stdout, stderr } = await auditWith(
    { [name]: value },
    "--lecture",
    lecture.id,
    "--wait",
    "0",
  );
  expect(stderr).toStartWith(`audit: ${message}`);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stdout).toBe("");
  expect(code).toBe(2);
});
