import type { ConsumeMessage } from "amqplib";
import { type Command, readCommand } from "../contract/command.ts";
import { readTraceParent, TRACEPARENT, type TraceParent } from "../contract/trace-parent.ts";

/** The header that counts how often a message went to the end of its queue as a suspect. */
export const SUSPECTED = "lectern-suspected";

/** A message as a handler gets it. */
export type Delivery = {
  /** failed deliveries of it before this one; the broker dead-letters it after its limit */
  deliveryCount: number;
  redelivered: boolean;
  /** how often a handler sent it to the end of its queue as a suspect; undefined for never */
  suspected?: number;
  /** why it was dead-lettered, if it comes from `lectern.dead`: `rejected` or `delivery_limit` */
  diedOf?: string;
  /** its trace, if one is recorded */
  trace?: TraceParent;
} & ({ command: Command } | { unreadable: string; body: Buffer });

/** Reads a message. If it holds no command, `unreadable` says why and `body` keeps the content. */
export function deliveryOf({ content, fields, properties }: ConsumeMessage): Delivery {
  const headers = properties.headers ?? {};
  const { "x-delivery-count": deliveryCount = 0, "x-first-death-reason": diedOf } = headers;
  const trace = readTraceParent(headers[TRACEPARENT]);
  const read = readCommand(content.toString());
  const told = { deliveryCount: Number(deliveryCount), redelivered: fields.redelivered };
  const delivery: Delivery =
    "command" in read
      ? { command: read.command, ...told }
      : { unreadable: read.unreadable, body: content, ...told };
  if (headers[SUSPECTED] !== undefined) delivery.suspected = Number(headers[SUSPECTED]);
  if (diedOf !== undefined) delivery.diedOf = diedOf;
  if (trace?.sampled) delivery.trace = trace;
  return delivery;
}
