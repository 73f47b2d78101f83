import { expect, test } from "bun:test";
import { exposition } from "./exposition.ts";
import { createCount, createCounter, createGauge } from "./family.ts";
import { createHistogram, createHistograms } from "./histogram.ts";

test("a counter tells each combination of its labels", () => {
  const asked = createCounter("lectern_asked_total", "How often it was asked.", [
    "route",
    "status",
  ]);
  asked.of("/a", "200").value += 2;
  asked.of("/a", "404").value += 1;
  asked.of("/a", "200").value += 1;
  expect(exposition([asked])).toBe(
    `# HELP lectern_asked_total How often it was asked.
# TYPE lectern_asked_total counter
lectern_asked_total{route="/a",status="200"} 3
lectern_asked_total{route="/a",status="404"} 1
`,
  );
});

test("labels that are too few for a counter are a fault of the code", () => {
  const asked = createCounter("lectern_asked_total", "x", ["route", "status"]);
  asked.of("/a", "200");
  expect(() => asked.of("/a")).toThrow(
    "lectern_asked_total has labels route, status, and 1 values were given",
  );
});

test("a count and a gauge tell one number, and a gauge may have nothing to tell", () => {
  const lost = createCount("lectern_lost_total", "Lost.");
  lost.value += 1;
  const known = createGauge("lectern_known", "Known.", () => [{ value: 0.5 }]);
  const unknown = createGauge("lectern_unknown", "Unknown.", () => []);
  expect(exposition([lost, known, unknown]).match(/^[^#].*$/gm)).toEqual([
    "lectern_lost_total 1",
    "lectern_known 0.5",
  ]);
  expect(exposition([unknown])).toContain("# TYPE lectern_unknown gauge\n");
});

test("a histogram counts each value in every range it lies in", () => {
  const times = createHistogram({ name: "lectern_x_seconds", help: "x", bounds: [0.1, 1] });
  for (const value of [0.1, 0.5, 3]) times.observe(value);
  expect(exposition([times]).match(/^[^#].*$/gm)).toEqual([
    'lectern_x_seconds_bucket{le="0.1"} 1',
    'lectern_x_seconds_bucket{le="1"} 2',
    'lectern_x_seconds_bucket{le="+Inf"} 3',
    "lectern_x_seconds_sum 3.6",
    "lectern_x_seconds_count 3",
  ]);
});

test("histograms of one name differ by their label", () => {
  const steps = createHistograms({
    name: "lectern_s",
    help: "x",
    bounds: [1],
    label: "step",
    values: ["a", "b"],
  });
  steps.of("b").observe(0.5);
  const lines = exposition([steps]).split("\n");
  expect(lines).toContain('lectern_s_bucket{step="a",le="1"} 0');
  expect(lines).toContain('lectern_s_bucket{step="b",le="1"} 1');
  expect(lines).toContain('lectern_s_count{step="b"} 1');
});

test("what would end a line or a label early is escaped", () => {
  const odd = createCounter("lectern_odd_total", 'a\\b\n"c"', ["name"]);
  odd.of('x"y\\z\n').value += 1;
  expect(exposition([odd])).toBe(
    '# HELP lectern_odd_total a\\\\b\\n"c"\n' +
      "# TYPE lectern_odd_total counter\n" +
      'lectern_odd_total{name="x\\"y\\\\z\\n"} 1\n',
  );
});
