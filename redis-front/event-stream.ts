export interface EventStreamOptions {
  /** what may wait for a slow reader, in bytes */
  maxUnreadBytes: number;
  /** called once, when the reader has left or is too slow; not after close() */
  onLost(reason: string): void;
}

export interface EventStream {
  body: ReadableStream<Uint8Array>;
  /** Sends one server-sent event. The data must be one line. Does nothing once the stream has ended. */
  send(data: string): void;
  /** Ends the stream; what was sent can still be read. */
  close(): void;
}

/** How often an idle stream says that it lives, so that no middleman takes it for dead. */
const KEEP_ALIVE_MS = 15_000;
const utf8 = new TextEncoder();

/** A stream of server-sent events. A reader that does not keep up is lost rather than waited for. */
export function createEventStream({ maxUnreadBytes, onLost }: EventStreamOptions): EventStream {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  const body = new ReadableStream<Uint8Array>(
    {
      start(started) {
        controller = started;
      },
      cancel() {
        controller = undefined;
        lose("the reader has left");
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: maxUnreadBytes }),
  );

  function write(text: string) {
    if (!controller) return;
    if ((controller.desiredSize ?? 0) > 0) controller.enqueue(utf8.encode(text));
    else lose("the reader is too slow");
  }

  function lose(reason: string) {
    close();
    onLost(reason);
  }

  function close() {
    clearInterval(keepAlive);
    controller?.close();
    controller = undefined;
  }

  const keepAlive = setInterval(() => write(": still here\n\n"), KEEP_ALIVE_MS);
  return { body, send: (data) => write(`data: ${data}\n\n`), close };
}
