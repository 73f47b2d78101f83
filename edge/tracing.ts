import { type OtlpSpan, otlpExport, otlpTracesUrl } from "../contract/otlp.ts";
import { readTraceParent, TRACEPARENT, writeTraceParent } from "../contract/trace-parent.ts";
import type { Counter } from "../runtime/metrics/family.ts";
import { requestIdOf } from "./answer.ts";
import type { TracingConfig } from "./config.ts";
import type { EdgeContext } from "./context.ts";

/** The facts of an answered request. */
export interface Answered {
  route: string;
  status: number;
  tookMs: number;
}

/**
 * Traces of requests. The edge begins every trace: a client with its own ids or recording could
 * spoil others' traces.
 */
export interface EdgeTracing {
  /** Whether a request is recorded. Its name alone decides: nothing is kept of the others. */
  records(requestId: string): boolean;
  /**
   * The traceparent for the origin, which continues the trace or learns that nothing is recorded.
   */
  headerOf(requestId: string): string;
  /**
   * Sends the span of a request, after the answer where the platform allows it. Never throws, and
   * no request waits for it.
   */
  send(c: EdgeContext, answered: Answered): void;
}

/** Spans under way to the collector at once; further spans are lost. */
const SENDING_MAX = 32;

/** How long the collector may take, in milliseconds. */
const SEND_WITHIN_MS = 5_000;

/**
 * Opens the tracing; undefined without a collector.
 *
 * @param spans counts the sent and the lost spans
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
      // The client's own trace becomes a link, and nothing of it is believed.
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

/**
 * The request's name is the trace's id. Its first half is the id of the edge's span: there is only
 * one.
 */
function spanOf(requestId: string): { traceId: string; spanId: string } {
  const traceId = requestId.replaceAll("-", "");
  return { traceId, spanId: traceId.slice(0, 16) };
}
