import type { ChannelModel } from "amqplib";
import { afterWriting, socketOf } from "./amqplib-internals.ts";

/**
 * Gives a function to call before each publish: messages of one turn of the event loop then leave
 * in one write. The library hands the socket one message after another, each a packet and a system
 * call of its own.
 */
export function writesTogether(model: ChannelModel): () => void {
  const socket = socketOf(model);
  let gathering = false;

  function leave(): void {
    gathering = false;
    socket.uncork();
  }

  return () => {
    if (gathering) return;
    gathering = true;
    socket.cork();
    afterWriting(leave);
  };
}
