import { afterAll, expect, test } from "bun:test";
import { startEdgeAlone } from "../test/edge-alone.ts";
import { serveEdge } from "../test/edge-runtimes.ts";
import { eventually } from "../test/servers.ts";

const alone = startEdgeAlone();
afterAll(() => alone.close());

// A Worker is drained by its platform.
test.each(["bun", "deno"] as const)(
  "a request in flight on %s gets its answer although the edge has to stop",
  async (runtime) => {
    const edge = await serveEdge(runtime, alone.env);
    const before = alone.origin.heard.length;
    let answer: (response: Response) => void = () => {};
    alone.origin.answer(() => new Promise((resolve) => (answer = resolve)));
    const inFlight = fetch(`${edge.url}/api/lectures`);
    await eventually("the origin is asked", async () => alone.origin.heard.length > before);
    const closed = edge.close();
    await eventually("the edge takes no more", () =>
      fetch(`${edge.url}/api/x`).then(
        () => false,
        () => true,
      ),
    );
    answer(Response.json({ lectures: [] }));
    expect(await (await inFlight).json()).toEqual({ lectures: [] });
    expect(await closed).toBe(0);
  },
);
