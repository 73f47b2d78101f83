import { expect, test } from "bun:test";
import { Socket } from "node:net";
import { connect } from "amqplib";
import { rabbitmqUrl } from "../test/rooms/broker.ts";
import { afterWriting, socketOf } from "./amqplib-internals.ts";

test("messages of one turn are written to the socket before the promised moment", async () => {
  const model = await connect(rabbitmqUrl());
  try {
    const channel = await model.createConfirmChannel();
    const socket = socketOf(model);
    expect(socket).toBeInstanceOf(Socket);
    let written = "";
    const write = socket.write.bind(socket);
    socket.write = ((chunk: Uint8Array) => {
      written += Buffer.from(chunk).toString("latin1");
      return write(chunk);
    }) as typeof socket.write;

    const texts = ["first", "second", "third"];
    for (const text of texts)
      channel.publish("", `nobody-${crypto.randomUUID()}`, Buffer.from(text));
    expect(written).toBe("");
    await new Promise<void>((resolve) => afterWriting(resolve));
    expect(texts.filter((text) => !written.includes(text))).toEqual([]);
    await channel.waitForConfirms();
  } finally {
    await model.close();
  }
});
