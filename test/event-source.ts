/** One event as a page receives it. */
export interface HeardEvent {
  type: string;
  data: string;
  lastEventId: string;
}

export interface EventSourceForTest {
  events: HeardEvent[];
  /** the status of every answer; 0 without an answer */
  statuses: number[];
  /** a browser's waits before each new connection, in milliseconds */
  waitsMs: number[];
}

/** More than any test needs: an EventSource without an end would connect for ever. */
const CONNECTIONS_MAX = 20;

/** A browser's wait where no event named one. */
const USUAL_WAIT_MS = 3_000;

/**
 * Follows events as EventSource does by the WHATWG's HTML standard, but notes the waits instead of
 * waiting. An answer that is not 200 and text/event-stream is final. After a stream has ended or
 * broken, and without an answer, it connects again with the last event's id. Gives the events;
 * throws after CONNECTIONS_MAX connections.
 *
 * @param connect sends the request with these headers
 * @param beforeAgain is called before each connection but the first
 */
export async function followEvents(
  connect: (headers: Record<string, string>) => Promise<Response>,
  beforeAgain: () => void | Promise<void> = () => {},
): Promise<EventSourceForTest> {
  const heard: EventSourceForTest = { events: [], statuses: [], waitsMs: [] };
  let waitMs = USUAL_WAIT_MS;
  let lastEventId = "";
  for (let connections = 0; connections < CONNECTIONS_MAX; connections += 1) {
    if (connections > 0) {
      heard.waitsMs.push(waitMs);
      await beforeAgain();
    }
    const response = await connect({
      Accept: "text/event-stream",
      "Cache-Control": "no-store",
      ...(lastEventId && { "Last-Event-ID": lastEventId }),
    }).catch(() => undefined);
    heard.statuses.push(response?.status ?? 0);
    if (!response) continue;
    const type = response.headers.get("content-type")?.split(";")[0]?.trim();
    if (response.status !== 200 || type !== "text/event-stream") return heard;
    await readEvents(response, {
      dispatch(event) {
        lastEventId = event.lastEventId;
        if (event.data !== "") heard.events.push(event);
      },
      retry(ms) {
        waitMs = ms;
      },
      lastEventId,
    });
  }
  throw new Error(
    `still connecting after ${CONNECTIONS_MAX} connections: ${JSON.stringify(heard)}`,
  );
}

interface Hearing {
  lastEventId: string;
  dispatch(event: HeardEvent): void;
  retry(ms: number): void;
}

/** Reads a stream until it ends or breaks. An event without its empty line is dropped. */
async function readEvents(response: Response, hearing: Hearing): Promise<void> {
  let id = hearing.lastEventId;
  let type = "";
  let data: string[] = [];
  for await (const line of linesOf(response)) {
    if (line === "") {
      hearing.dispatch({ type: type || "message", data: data.join("\n"), lastEventId: id });
      type = "";
      data = [];
      continue;
    }
    const [, field = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === "event") type = value;
    if (field === "data") data.push(value);
    if (field === "id" && !value.includes("\0")) id = value;
    if (field === "retry" && /^[0-9]+$/.test(value)) hearing.retry(Number(value));
  }
}

async function* linesOf(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const bytes of response.body ?? []) {
      rest += decoder.decode(bytes as Uint8Array, { stream: true });
      const lines = rest.split(/\r\n|\n|\r/);
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } catch {
    // A broken connection counts as the end of the stream.
  }
}
