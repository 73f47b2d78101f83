/**
 * The outcome of queueing a command:
 * - `queued`: the broker has confirmed the message;
 * - `noted`: no confirm came, and the pending node stands: the sweep queues the command from it;
 * - `unknown`: neither is known. The sweep queues a reserve command from its claim; the client has
 *   to request a cancel again.
 *
 * After each outcome the command may still be decided. Nothing is undone, and no answer may say
 * that the command has failed.
 */
export type Enqueued = "queued" | "noted" | "unknown";
