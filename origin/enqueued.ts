/**
 * What became of a command:
 * - `queued`: the broker has confirmed the message;
 * - `noted`: the broker has not, but the pending node stands, from which the command is queued again;
 * - `unknown`: neither is known. A reserve command is queued again from its claim; a cancel has to be asked for again.
 *
 * None of them says that it will not be decided: nothing is undone, and the caller must not tell the user otherwise.
 */
export type Enqueued = "queued" | "noted" | "unknown";
