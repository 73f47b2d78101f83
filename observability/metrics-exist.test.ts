import { afterAll, beforeAll, expect, test } from "bun:test";
import * as z from "zod";
import { eventually } from "../test/servers.ts";
import {
  openSystemDatabases,
  press,
  publishLecture,
  runningSystem,
  signIn,
} from "../test/system.ts";

const { edgeUrl, originUrl, workerUrl, env } = runningSystem();
const databases = openSystemDatabases();
afterAll(() => databases.close());

interface Told {
  help: string;
  type: string;
  /** the labels that its samples have */
  labels: Set<string>;
}

/** What the three running services tell, by the names that can be asked for. */
const told = new Map<string, Told>();

/** What Prometheus adds by itself. */
const OF_PROMETHEUS = new Map<string, Told>([
  ["up", { help: "", type: "gauge", labels: new Set() }],
]);
const LABELS_OF_PROMETHEUS = ["job", "instance"];

async function scrape(url: string, headers: Record<string, string> = {}): Promise<void> {
  const answer = await fetch(`${url}/metrics`, { headers });
  expect(answer.status).toBe(200);
  for (const line of (await answer.text()).split("\n")) read(line);
}

function read(line: string): void {
  const [, what, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
  const known = told.get(name) ?? { help: "", type: "", labels: new Set() };
  if (what === "HELP") told.set(name, { ...known, help: rest });
  if (what === "TYPE") told.set(name, { ...known, type: rest });
  const [, sample = "", labels = ""] = /^([a-z_]+)\{(.*)\} \S+$/.exec(line) ?? [];
  const family = familyOf(sample);
  for (const [, label = ""] of labels.matchAll(/([a-z_]+)="/g)) family?.labels.add(label);
}

/** A histogram is asked for by its parts. */
function familyOf(name: string): Told | undefined {
  const family = told.get(name) ?? OF_PROMETHEUS.get(name);
  if (family) return family;
  const histogram = told.get(name.replace(/_(bucket|sum|count)$/, ""));
  return histogram?.type === "histogram" ? histogram : undefined;
}

beforeAll(async () => {
  // Some figures have labels only once something was counted.
  const lectureId = await publishLecture(databases);
  await press(lectureId, await signIn(), "key");
  await eventually("the leader has looked", async () => {
    await scrape(workerUrl);
    return told.get("lectern_worker_queue_messages")?.labels.has("queue");
  });
  await scrape(originUrl);
  await scrape(edgeUrl, { Authorization: `Bearer ${env["METRICS_TOKEN"]}` });
});

const Dashboard = z.object({
  panels: z.array(
    z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })).default([]) }),
  ),
});
const Alerts = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      rules: z.array(
        z.object({
          alert: z.string(),
          expr: z.string(),
          for: z.string().optional(),
          labels: z.object({ severity: z.enum(["page", "ticket"]) }),
          annotations: z.object({ summary: z.string() }),
        }),
      ),
    }),
  ),
});

const dashboard = Dashboard.parse(await Bun.file("observability/dashboard.json").json());
const alerts = Alerts.parse(Bun.YAML.parse(await Bun.file("observability/alerts.yml").text()));
const rules = alerts.groups.flatMap((group) => group.rules);
const expressions = [
  ...dashboard.panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => [title, expr] as const),
  ),
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
];

/** The metrics an expression names: all words but functions, operators and labels. */
function metricsIn(expr: string): string[] {
  const bare = expr.replaceAll(/\{[^}]*\}|\[[^\]]*\]|\b(by|without|on|ignoring) \([^)]*\)/g, "");
  const words = bare.matchAll(/\b([a-z][a-z_0-9]*)\b(?!\s*\()/g);
  const names = [...words].flatMap(([, word]) => word ?? []);
  return names.filter((name) => !["by", "without", "and", "or", "unless"].includes(name));
}

/** The labels an expression picks or groups by. */
function labelsIn(expr: string): string[] {
  const picked = [...expr.matchAll(/([a-z_]+)(?:=~|!~|!=|=)"/g)].flatMap(
    ([, label]) => label ?? [],
  );
  const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, labels]) =>
    (labels ?? "").split(/, */),
  );
  return [...picked, ...grouped];
}

test.each(expressions)("%s asks for metrics and labels that there are: %s", (_, expr) => {
  const names = metricsIn(expr);
  expect(names.length).toBeGreaterThan(0);
  const missing = names.filter((name) => !familyOf(name));
  expect(missing).toEqual([]);
  const labels = new Set(names.flatMap((name) => [...(familyOf(name)?.labels ?? [])]));
  expect(
    labelsIn(expr).filter((label) => !labels.has(label) && !LABELS_OF_PROMETHEUS.includes(label)),
  ).toEqual([]);
});

test("every metric of ours has a help text, a type, and a name that says its unit", () => {
  const ours = [...told].filter(([name]) => name.startsWith("lectern_"));
  expect(ours.length).toBeGreaterThan(25);
  for (const [name, { help, type }] of ours) {
    expect([name, help]).toEqual([name, expect.stringMatching(/^\S.{15,}\.$/)]);
    expect([name, type]).toEqual([name, expect.stringMatching(/^(counter|gauge|histogram)$/)]);
    expect([name, name.endsWith("_total")]).toEqual([name, type === "counter"]);
  }
});

test("every metric of ours is on the dashboard or in an alert", () => {
  const asked = new Set(
    expressions.flatMap(([, expr]) => metricsIn(expr)).map((name) => familyOf(name)),
  );
  const unseen = [...told].filter(
    ([name, family]) => name.startsWith("lectern_") && !asked.has(family),
  );
  expect(unseen.map(([name]) => name)).toEqual([]);
});

test("every alert is explained in failure-modes.md, and no other", async () => {
  const [, page = ""] = (await Bun.file("failure-modes.md").text()).split("## Alerts");
  const explained = [...page.matchAll(/^\| `(Lectern\w+)` \|/gm)].flatMap(([, name]) => name ?? []);
  expect(explained).toEqual(rules.map(({ alert }) => alert));
});

test("the alerts that Prometheus is told of are these", async () => {
  const config = z.object({
    rule_files: z.array(z.string()),
    scrape_configs: z.array(z.object({ job_name: z.string() })),
  });
  const { rule_files, scrape_configs } = config.parse(
    Bun.YAML.parse(await Bun.file("observability/prometheus.yml").text()),
  );
  expect(rule_files).toEqual(["alerts.yml"]);
  expect(scrape_configs.map(({ job_name }) => job_name)).toEqual([
    "lectern-edge",
    "lectern-origin",
    "lectern-worker",
  ]);
});
