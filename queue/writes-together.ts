import type { Duplex } from "node:stream";
import type { ChannelModel } from "amqplib";

/**
 * Gives a function to be called before something is published: what is published in the same turn of the event loop then leaves in one write.
 * The library hands the socket one message after another, and each would be a packet and a system call of its own.
 */
export function writesTogether(model: ChannelModel): () => void {
  // The library keeps its socket to itself as far as its types go.
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
    // The library writes to the socket in the immediate that follows a publish; this one is the next.
    setImmediate(() => setImmediate(leave));
  };
}
