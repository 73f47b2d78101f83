/**
 * Every moment between two effects on different servers, by name, with the state at that moment. A
 * process may end at any of them, and nothing is lost, oversold or told twice.
 * `proof/faults/crash-points/` kills a process at each of them in turn.
 */
export const crashPoints = {
  "edge.claimed": "a seat is claimed, and nobody but Redis knows",
  "edge.forwarded": "the origin has answered a booking, and the client has not heard of it",
  "edge.many_claimed": "seats are claimed on behalf of students, and nobody but Redis knows",
  "edge.many_forwarded":
    "the origin has answered claims on behalf of students, and the organiser has not heard of it",
  "edge.cancel_tokens_taken": "a cancel has paid its tokens and is not handed over",
  "edge.cancel_forwarded": "the origin has answered a cancel, and the client has not heard of it",
  "origin.command_received": "a command was received, and nothing was done about it",
  "origin.claims_received": "claims on behalf of students were received, and none is announced",
  "origin.claims_queued":
    "the commands of claims on behalf of students are queued, and the edge has not heard of it",
  "origin.cancel_allowed": "a cancel was found to be allowed, and is not announced",
  "origin.node_created": "the pending node stands, and no message was sent",
  "origin.queued": "the broker has confirmed the command, and the edge has not heard of it",
  "origin.draft_made": "a lecture has a draft that nobody sees, and nothing is queued",
  "origin.words_kept": "the words of an amendment are kept under its rid, and it is not queued",
  "origin.projected": "the catalogue follows an amendment, and the edge has not heard of it",
  "origin.decision_seen": "the decision was read, and the edge has not heard of it",
  "queue.sent": "a command was written to the broker's connection, and is not confirmed",
  "queue.acknowledged": "the acknowledgements of a batch were written to the broker's connection",
  "worker.delivered": "a batch was delivered, and nothing is decided",
  "worker.ledger_read": "the stock is locked and the decisions so far are read, nothing is written",
  "worker.seats_taken": "the stock is written, the decisions are not, nothing is committed",
  "worker.decisions_written": "stock and decisions are written, and not committed",
  "worker.committed": "the decisions stand, and no claim knows of them",
  "worker.rivals_found":
    "a held claim stands in the way of a decision, and nothing is done about it",
  "worker.claims_settled": "the claims are settled, and the pending nodes stand",
  "worker.nodes_removed": "the pending nodes are removed, and nothing is acknowledged",
  "worker.lecture_closed":
    "admission to a lecture that Redis was behind on is closed, its batch is not acknowledged",
  "worker.dead_letter_taken": "a dead letter was delivered, and nothing is decided about it",
  "worker.dead_letter_rejected": "a dead command is rejected in MySQL, and its claim is held",
  "amend.fenced": "the stricter terms of an amendment stand in Redis, and it is not decided",
  "amend.written": "an amendment is written, and not committed",
  "amend.committed": "an amendment is decided, and Redis knows nothing of it but its fence",
  "amend.terms_settled":
    "Redis has the terms of an amendment, and no seat of a cancelled lecture is released",
  "amend.seats_released": "some seats of a cancelled lecture are released in Redis",
  "loader.closed": "admission to a lecture is closed to load it, and nothing is loaded",
  "loader.claims_dropped":
    "some of the confirmed claims of a lecture are dropped, to be loaded again, and it is closed",
  "loader.claims_loaded": "claims of a lecture are loaded, and it is closed",
  "loader.opened": "a lecture is loaded and open",
  "loader.all_loaded": "every lecture is loaded into a new Redis, and admission is closed",
  "loader.half_open": "a new Redis knows some of the scripts that admit, and not all of them",
  "loader.admitting":
    "a new Redis admits, and nobody has looked whether it is still the one that was loaded",
  "sweeper.due_found": "overdue commands are found, and none is queued again",
  "sweeper.node_created": "an overdue command has its pending node, and is not published",
  "sweeper.published": "an overdue command is queued again",
  "sweeper.node_dropped": "a pending node that holds no command is removed",
} as const;

export type CrashPoint = keyof typeof crashPoints;

let watcher: ((point: CrashPoint) => void) | undefined;

/** Marks a crash point that the process has reached. Does nothing outside a test. */
export function crashPoint(point: CrashPoint): void {
  watcher?.(point);
}

/** Calls `watch` at each crash point that this process reaches, at that moment. */
export function watchCrashPoints(watch: (point: CrashPoint) => void): void {
  watcher = watch;
}
