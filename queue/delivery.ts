import type { ConsumeMessage } from "amqplib";
import { type Command, readCommand } from "../contract/command.ts";
import { readTraceParent, TRACEPARENT, type TraceParent } from "../contract/trace-parent.ts";

/** A message as a handler gets it. */
export type Delivery = {
  /** how many deliveries of it failed before this one; the broker dead-letters it after its limit */
  deliveryCount: number;
  redelivered: boolean;
  /** why it was dead-lettered, when it comes from `lectern.dead`: `rejected` or `delivery_limit` */
  diedOf?: string;
  /** the trace it belongs to, when one is recorded */
  trace?: TraceParent;
} & ({ command: Command } | { unreadable: string; body: Buffer });

/** Reads a message; one that holds no command says why and keeps its body. */
export function deliveryOf({ content, fields, properties }: ConsumeMessage): Delivery {
  const headers = properties.headers ?? {};
  const { "x-delivery-count": deliveryCount = 0, "x-first-death-reason": diedOf } = headers;
  const trace = readTraceParent(headers[TRACEPARENT]);
  return Object.assign(parse(content), {
    deliveryCount: Number(deliveryCount),
    redelivered: fields.redelivered,
    ...(diedOf !== undefined && { diedOf }),
    ...(trace?.sampled && { trace }),
  });
}

function parse(body: Buffer): { command: Command } | { unreadable: string; body: Buffer } {
  const read = readCommand(body.toString());
  return "command" in read ? read : { ...read, body };
}
