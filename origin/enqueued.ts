/**
 * The outcome of queueing a command:
 * - `queued`: the broker has confirmed the message;
 * - `noted`: there is no confirm, but the pending node stands, and the command is queued again from
 *   it;
 * - `unknown`: neither is known. A reserve command is queued again from its claim; a cancel has to
 *   be requested again.
 *
 * With any of them the command may still be decided: nothing is undone, and the caller must not
 * tell the user otherwise.
 */
export type Enqueued = "queued" | "noted" | "unknown";
