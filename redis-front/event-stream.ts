export interface EventStreamOptions {
  /** bytes that may wait for a slow reader */
  maxUnreadBytes: number;
  /** called once, when the reader has left or is too slow; never after close() */
  onLost(reason: string): void;
}

export interface EventStream {
  body: ReadableStream<Uint8Array>;
  /**
   * Sends one server-sent event. `data` must be one line. Does nothing once the stream has ended.
   */
  send(data: string): void;
  /** Ends the stream. The reader can still read the events sent before. */
  close(): void;
}

/** How often an idle stream sends a comment, in milliseconds: no proxy takes it for dead. */
const KEEP_ALIVE_MS = 15_000;
const utf8 = new TextEncoder();

/** A stream of server-sent events. A reader that does not keep up loses its stream. */
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
