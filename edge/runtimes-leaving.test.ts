import { expect, test } from "bun:test";
import { loadOpenLecture, randomUserId } from "../test/edge-alone.ts";
import { onEachRuntime } from "../test/edge-on-runtimes.ts";
import { followEvents } from "../test/event-source.ts";
import { eventually, randomLectureId } from "../test/servers.ts";
import { answerCommand } from "../test/stub-origin.ts";

onEachRuntime(({ alone, url, send }) => {
  test("events pass on as they come; the origin's stream ends when the client leaves", async () => {
    let push: (text: string) => void = () => {};
    alone.origin.answer(() => {
      const events = new ReadableStream<Uint8Array>({
        start(controller) {
          push = (text) => controller.enqueue(new TextEncoder().encode(text));
          push("event: status\ndata: first\n\n");
        },
      });
      return new Response(events, { headers: { "Content-Type": "text/event-stream" } });
    });
    const leave = new AbortController();
    const path = `/api/reservations/7-${"0".repeat(32)}/events`;
    const response = await send("GET", path, "s-1", { signal: leave.signal });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    for (const expected of ["first", "second"]) {
      expect(new TextDecoder().decode((await reader.read()).value)).toContain(`data: ${expected}`);
      push("event: status\ndata: second\n\n");
    }
    leave.abort();
    const signal = alone.origin.heard.at(-1)?.signal;
    await eventually("the origin is left", async () => {
      if (!signal?.aborted) push(": still there\n\n");
      return signal?.aborted;
    });
  });

  test("an EventSource returns while the origin is away, and ends after the decision", async () => {
    const answers = [
      () => new Response(null, { status: 502 }),
      () =>
        new Response("id: confirmed\nevent: status\ndata: {}\n\n", {
          headers: { "Content-Type": "text/event-stream" },
        }),
      () => new Response(null, { status: 204 }),
    ];
    alone.origin.answer(() => answers.shift()?.() ?? new Response(null, { status: 404 }));
    const path = `/api/reservations/7-${"0".repeat(32)}/events`;
    const { events, statuses } = await followEvents(async (headers) => {
      const response = await send("GET", path, "s-1", { headers });
      if (response.status === 200) expect(response.headers.get("x-accel-buffering")).toBe("no");
      return response;
    });
    expect([statuses, events.length]).toEqual([[200, 200, 204], 1]);
    expect(alone.origin.heard.at(-1)?.path).toEndWith("&told=confirmed");
  });

  test("a claim is handed over to be decided although its student has left", async () => {
    const lectureId = await loadOpenLecture(alone.redis);
    const userId = randomUserId();
    alone.origin.answer(answerCommand());
    const leave = new AbortController();
    const path = `/api/lectures/${lectureId}/reservations`;
    const { promise, resolve } = Promise.withResolvers<void>();
    alone.wire.repliesAfter = promise;
    const pressed = send("POST", path, userId, { signal: leave.signal }).catch(
      (error: Error) => error.name,
    );
    await eventually("Redis is asked", async () =>
      alone.wire.requests.at(-1)?.body.includes(userId),
    );
    leave.abort();
    expect(await pressed).toBe("AbortError");
    resolve();
    const handedOver = () =>
      alone.origin.heard.some((heard) => JSON.stringify(heard.body)?.includes(userId));
    await eventually("the origin has the command", async () => handedOver());
  });

  test("students who leave make room for others", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    alone.origin.answer(() => promise.then(() => Response.json({ lectures: [] })));
    const leave = new AbortController();
    const before = alone.origin.heard.length;
    // Each asks for another lecture: those who ask for the same wait for one question.
    const left = Array.from({ length: 60 }, () =>
      fetch(`${url()}/api/lectures/${randomLectureId()}`, { signal: leave.signal }).catch(
        () => undefined,
      ),
    );
    await eventually(
      "all of them are worked on",
      async () => alone.origin.heard.length >= before + 60,
    );
    expect((await fetch(`${url()}/api/x`)).status).toBe(503);
    leave.abort();
    await Promise.all(left);
    await eventually("there is room", async () => (await fetch(`${url()}/api/x`)).status === 404);
    resolve();
  });

  test("a server that is back is used again although the student who tried it left", async () => {
    const read = (signal?: AbortSignal) => fetch(`${url()}/api/lectures`, signal ? { signal } : {});
    alone.origin.answer(() => new Response(null, { status: 502 }));
    await eventually("the origin is asked no more", async () => {
      const before = alone.origin.heard.length;
      await read();
      return alone.origin.heard.length === before;
    });

    const { promise: silence, resolve } = Promise.withResolvers<Response>();
    alone.origin.answer(() => silence);
    const leave = new AbortController();
    const before = alone.origin.heard.length;
    await eventually("one student's request finds out", async () => {
      read(leave.signal).catch(() => undefined);
      await Bun.sleep(50);
      return alone.origin.heard.length > before;
    });
    leave.abort();

    alone.origin.answer(() => Response.json({ lectures: [] }));
    await eventually("the origin is used again", async () => (await read()).status === 200);
    resolve(new Response());
  });
});
