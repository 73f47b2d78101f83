import { type OtlpSpan, otlpExport } from "../../contract/otlp.ts";
import type { Counter } from "../metrics/family.ts";

export interface SpanBatchesOptions {
  /** where the collector takes spans */
  url: string;
  /** additional headers for the collector */
  headers: Record<string, string>;
  service: "origin" | "worker";
  /** how long a span waits for others, in milliseconds */
  everyMs: number;
  /** counts sent and lost spans */
  spans: Counter;
}

/**
 * Spans on their way to the collector. No caller waits for them, and spans without room are lost.
 */
export interface SpanBatches {
  add(span: OtlpSpan): void;
  /**
   * Sends the held spans, for a few seconds at most. Never rejects. Spans added afterwards are
   * lost.
   */
  close(): Promise<void>;
}

/** Spans that may wait. */
const HELD_MAX = 2_048;

/** Spans in one request to the collector, at most. So many held spans are sent without waiting. */
const BATCH_SPANS = 512;

/** How long the collector may take, in milliseconds. */
const SEND_WITHIN_MS = 5_000;

/**
 * Statuses that allow a retry: https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes.
 */
const ASK_AGAIN = new Set([429, 502, 503, 504]);

/**
 * Sends spans in batches, one batch after the other. Spans are serialised only then: hundreds in a
 * row cost a quarter of as many one by one. A collector that is away or busy gets the batch again
 * at the next batch's time, so a span may arrive twice. A refused batch is lost.
 */
export function openSpanBatches({
  url,
  service,
  everyMs,
  spans,
  ...options
}: SpanBatchesOptions): SpanBatches {
  const headers = { ...options.headers, "Content-Type": "application/json" };
  const [sent, lost] = [spans.of("sent"), spans.of("lost")];
  let held: OtlpSpan[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let sending: Promise<void> | undefined;
  let isAway = false;
  let isClosed = false;

  async function post(batch: OtlpSpan[]): Promise<"taken" | "refused" | "away"> {
    try {
      const body = otlpExport(service, batch);
      const signal = AbortSignal.timeout(SEND_WITHIN_MS);
      const answer = await fetch(url, { method: "POST", headers, body, signal });
      await answer.body?.cancel();
      if (answer.ok) return "taken";
      return ASK_AGAIN.has(answer.status) ? "away" : "refused";
    } catch {
      return "away";
    }
  }

  async function send(batch: OtlpSpan[]): Promise<void> {
    const outcome = await post(batch);
    isAway = outcome === "away";
    if (outcome === "taken") sent.value += batch.length;
    else if (isAway && !isClosed && held.length + batch.length <= HELD_MAX)
      held = [...batch, ...held];
    else lost.value += batch.length;
  }

  async function sendHeld(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    do await send(held.splice(0, BATCH_SPANS));
    while (!isAway && !isClosed && held.length >= BATCH_SPANS);
    sending = undefined;
    if (held.length > 0) wait();
  }

  function begin(): void {
    sending ??= sendHeld();
  }

  function wait(): void {
    timer ??= setTimeout(begin, everyMs);
    timer.unref();
  }

  return {
    add(span) {
      if (isClosed || held.length >= HELD_MAX) {
        lost.value += 1;
        return;
      }
      held.push(span);
      if (sending) return;
      if (held.length >= BATCH_SPANS && !isAway) begin();
      else wait();
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      const batches: OtlpSpan[][] = [];
      while (held.length > 0) batches.push(held.splice(0, BATCH_SPANS));
      await Promise.all([sending, ...batches.map(send)]);
    },
  };
}
