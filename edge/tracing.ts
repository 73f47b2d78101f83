import { type OtlpSpan, otlpExport, otlpTracesUrl } from "../contract/otlp.ts";
import { readTraceParent, TRACEPARENT, writeTraceParent } from "../contract/trace-parent.ts";
import type { Counter } from "../runtime/metrics/family.ts";
import { requestIdOf } from "./answer.ts";
import type { TracingConfig } from "./config.ts";
import type { EdgeContext } from "./context.ts";

/** What is known of a request once it is answered. */
export interface Answered {
  route: string;
  status: number;
  tookMs: number;
}

/** Traces of requests. The edge begins every one of them: a client that could choose ids or have itself recorded could spoil the others'. */
export interface EdgeTracing {
  /** Whether a request is recorded, told from its name alone, so that nothing has to be kept of the others. */
  records(requestId: string): boolean;
  /** The traceparent for the origin, which goes on from here, or is told that nothing is recorded. */
  headerOf(requestId: string): string;
  /** Sends the span of a request, after the answer where the platform allows it. Never throws, and nobody waits for it. */
  send(c: EdgeContext, answered: Answered): void;
}

/** Spans under way to the collector at once; what comes on top is lost. */
const SENDING_MAX = 32;

/** How long the collector may take, in milliseconds. */
const SEND_WITHIN_MS = 5_000;

/**
 * Opens the tracing; undefined where nobody is to take the spans.
 *
 * @param spans counts the spans that were sent and those that were lost
 */
export function openEdgeTracing(
  { endpoint, headers, ratio }: TracingConfig,
  spans: Counter,
): EdgeTracing | undefined {
  if (endpoint === undefined) return undefined;
  const url = otlpTracesUrl(endpoint);
  const [sent, lost] = [spans.of("sent"), spans.of("lost")];
  let sending = 0;

  function records(requestId: string): boolean {
    // The name's last 32 bits are random.
    return Number.parseInt(requestId.slice(-8), 16) < ratio * 2 ** 32;
  }

  async function post(body: string): Promise<void> {
    sending += 1;
    try {
      const signal = AbortSignal.timeout(SEND_WITHIN_MS);
      const answer = await fetch(url, {
        method: "POST",
        headers: { ...headers, "Content-Type": "application/json" },
        body,
        signal,
      });
      await answer.body?.cancel();
      (answer.ok ? sent : lost).value += 1;
    } catch {
      lost.value += 1;
    } finally {
      sending -= 1;
    }
  }

  return {
    records,
    headerOf: (requestId) =>
      writeTraceParent({ ...spanOf(requestId), sampled: records(requestId) }),
    send(c, answered) {
      if (sending >= SENDING_MAX) {
        lost.value += 1;
        return;
      }
      const requestId = requestIdOf(c);
      const claim = c.get("claim");
      // The client's own trace is named, and nothing of it is believed.
      const link = readTraceParent(c.req.header(TRACEPARENT));
      const span: OtlpSpan = {
        ...spanOf(requestId),
        name: answered.route,
        role: "server",
        startedAtMs: Date.now() - answered.tookMs,
        tookMs: answered.tookMs,
        links: link ? [link] : [],
        error: answered.status >= 500 ? {} : undefined,
        facts: {
          "http.request.method": c.req.method,
          "http.route": answered.route,
          "http.response.status_code": answered.status,
          "lectern.code": c.get("code"),
          "lectern.rid": claim?.rid,
          "lectern.lecture": claim?.lectureId,
          "lectern.outcome": claim?.outcome,
        },
      };
      const posting = post(otlpExport("edge", [span]));
      c.env?.outlive?.(posting);
    },
  };
}

/** The trace is named as the request is, and the edge's span of it after the first half of that: there is but one. */
function spanOf(requestId: string): { traceId: string; spanId: string } {
  const traceId = requestId.replaceAll("-", "");
  return { traceId, spanId: traceId.slice(0, 16) };
}
