import type { Duplex } from "node:stream";
import type { ChannelModel } from "amqplib";

/**
 * Gives a function to call before each publish: messages of one turn of the event loop then leave
 * in one write. The library hands the socket one message after another, each a packet and a system
 * call of its own.
 */
export function writesTogether(model: ChannelModel): () => void {
  // The library's types leave its socket out.
  const { stream } = model.connection as unknown as { stream: Duplex };
  let gathering = false;

  function leave(): void {
    gathering = false;
    stream.uncork();
  }

  return () => {
    if (gathering) return;
    gathering = true;
    stream.cork();
    // The library writes to the socket in the immediate after a publish; this is the next
    // immediate.
    setImmediate(() => setImmediate(leave));
  };
}
