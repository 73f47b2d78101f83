import type { Mistakes } from "../mutant.ts";

export const workerMistakes: Mistakes = {
  "worker/claim-source.ts": {
    "load leaves the decisions out": [
      "return { claims, isLast",
      "claims.length = 0;\n      return { claims, isLast",
    ],
  },
  "worker/load.ts": {
    "load leaves lectures alone that look ready": [
      "reload ? await markOf(deps.redis) : undefined",
      "undefined",
    ],
  },
  "worker/decide.ts": {
    "decide does not wait for the commit": [
      "(connection) => connection.commit()",
      "async (connection) => void connection.commit()",
    ],
  },
  "worker/ledger.ts": {
    "decide reads the decisions before it has the lock": [
      "const stock = await lockStock(connection, commands, timeoutMs);",
      'await selectDecisions(connection, "rid", commands, timeoutMs);\n  const stock = await lockStock(connection, commands, timeoutMs);',
    ],
    "decide does not lock the stock": ["ORDER BY lecture_id FOR UPDATE", "ORDER BY lecture_id"],
  },
  "worker/rules.ts": {
    "decide forgets to count the seat": [
      "changes.seatsTaken.set(",
      "if (seats < 0) changes.seatsTaken.set(",
    ],
    "decide does not look what is left": ['  if (stock.remaining === 0) return "sold_out";\n', ""],
    "decide decides a rid anew": ["  if (ledger.decisions.has(command.rid)) return;\n", ""],
    "cancel gives the seat back twice": ["!holdsSeat(decision.status) || ", ""],
    "cancel keeps the seat": ["  take(ledger, changes, lectureId, -1);\n", ""],
    "cancel that comes first is not remembered": [
      "if (!decision) {",
      "if (!decision) return;\n  if (!decision) {",
    ],
    "refused command takes a seat that is free": ["  if (refused) return refused;\n", ""],
    "refusal is written and its claim is left held": [
      "settled.add(decision);",
      'if (decision.reason !== "overlaps") settled.add(decision);',
    ],
    "refused command is rejected though its rid is decided": [
      "ledger.decisions.has(command.rid)",
      "ledger.decisions.has(command.rid) && !command.refused",
    ],
  },
  "worker/decide-all.ts": {
    "unknown is taken for failure and the claim released": [
      [
        "    onRetry: (err, attempt) =>\n      deps.log.warn(",
        '    onRetry: (err, attempt) =>\n      void settleDecisions(deps, [], commands.map((command) => ({ ...command, status: "rejected" as const, claimedAtMs: 0, decidedAtMs: 0 }))).then(() =>\n      deps.log.warn(',
      ],
      ['tries the batch again",\n      ),', 'tries the batch again",\n      )),'],
      [
        'import { Contradiction } from "./rules.ts";',
        'import { Contradiction } from "./rules.ts";\nimport { settleDecisions } from "./settle.ts";',
      ],
    ],
    "a lost connection is taken for a command's fault": [
      ["(error) => !willComeAgain(error)", "() => false"],
      ["await findCulprit(deps, commands);", '"commands";'],
      ['import { findCulprit } from "./fault.ts";\n', ""],
    ],
  },
  "worker/batch.ts": {
    "batch is settled before it is decided": [
      "const { decisions, undecidable } = await decideAll(deps, commands, patience, (some) =>",
      'await settleDecisions(deps, commands, commands.map((command) => ({ ...command, status: "confirmed" as const, claimedAtMs: startedAtMs, decidedAtMs: startedAtMs })));\n  const { decisions, undecidable } = await decideAll(deps, commands, patience, (some) =>',
    ],
  },
  "worker/dead-letters.ts": {
    "dead letter overrules the decision": [
      "UPDATE rid = rid",
      "UPDATE status = 'rejected', reason = 'undeliverable'",
    ],
    "dead letter is dropped undecided": [
      'return deliveryCount > GIVE_UPS_MAX ? "later" : await giveUp(deps, command);',
      'return "ack";',
    ],
    "dead letter is given up untried": [
      "    if (suspected >= LOST_WORKERS_MAX)\n      return",
      '    if (delivery.diedOf === "delivery_limit") return',
    ],
  },
  "worker/sweep.ts": {
    "sweeper queues nothing again": ["await deps.publisher.publish(command)", '"queued"'],
    "sweeper looks at claims alone": [
      [
        "stale = await findStale(deps.zooKeeper, seen, { staleMs: OVERDUE_MS, nowMs })",
        "stale: string[] = []",
      ],
      ["{ findStale, type SeenNodes }", "type { SeenNodes }"],
    ],
    "sweeper looks at pending nodes alone": ["overdue.commands.map(", "([] as Command[]).map("],
    "sweeper releases what is overdue": [
      [
        'if (!deps.leads()) return "unavailable";\n',
        'if (!deps.leads()) return "unavailable";\n  if (command.kind === "reserve") await settle(deps.redis, command.lectureId, [{ ...command, status: "rejected" }]);\n',
      ],
      [
        "import { findOverdue,",
        'import { settle } from "../admission/settle.ts";\nimport { findOverdue,',
      ],
    ],
    "sweeper has patience by the machine's clock": ["deps.clock.monotonicMs()", "deps.now()"],
  },
  "worker/patience.ts": {
    "sweeper tries once and never again": ["!known || nowMs >= known.untilMs", "!known"],
  },
};
