import type { Mutant } from "./mutant.ts";
import { amendMistakes } from "./mutants/amend.ts";

const claim = "admission/claim.lua";
const loadBegin = "admission/load-begin.lua";
const settle = "admission/settle.lua";
const opening = "admission/opening.ts";
const ledger = "worker/ledger.ts";
const rules = "worker/rules.ts";

/** Each mutant must be killed by its seed in seeds.json. */
export const mutants: Mutant[] = [
  {
    name: "claim does not recognise its own rid",
    file: claim,
    edits: [["if claimedRid == rid then", "if false then"]],
  },
  {
    name: "claim forgets released rids",
    file: claim,
    edits: [["elseif released then", "elseif false then"]],
  },
  {
    name: "claim lets a user have two",
    file: claim,
    edits: [["elseif claim then", "elseif false then"]],
  },
  {
    name: "claim lets one too many through",
    file: claim,
    edits: [["elseif taken >= capacity then", "elseif taken > capacity then"]],
  },
  {
    name: "claim opens early",
    file: claim,
    edits: [["elseif nowMs < opensAtMs then", "elseif nowMs + 5000 < opensAtMs then"]],
  },
  {
    name: "claim closes late",
    file: claim,
    edits: [["elseif nowMs >= closesAtMs then", "elseif nowMs > closesAtMs + 5000 then"]],
  },
  {
    name: "claim is not put on the sweeper's list",
    file: claim,
    edits: [['redis.call("ZADD", KEYS[3], claimedAtMs, user)', ""]],
  },
  {
    name: "claim sends its script to a Redis that was not compared",
    file: "admission/claim.ts",
    edits: [
      ["const reply = await runIfKnown(", "const reply = await run("],
      [
        "type AdmissionRedis, runIfKnown, saysUnknownScript, script }",
        "type AdmissionRedis, run, saysUnknownScript, script }",
      ],
    ],
  },
  {
    name: "settle releases whatever claim the user has",
    file: settle,
    edits: [["if claimedRid == rid then", "if claim then"]],
  },
  {
    name: "settle forgets what it released",
    file: settle,
    edits: [['redis.call("HSETNX", KEYS[3], rid, status)', ""]],
  },
  {
    name: "settle does not write lost claims anew",
    file: settle,
    edits: [['elseif state ~= "k" and', 'elseif state == "h" and']],
  },
  {
    name: "settle leaves confirmed claims on the sweeper's list",
    file: settle,
    edits: [
      [
        'if #settled > 0 then redis.call("ZREM", KEYS[2], unpack(settled)) end',
        'if #dropped > 0 then redis.call("ZREM", KEYS[2], unpack(dropped)) end',
      ],
    ],
  },
  {
    name: "settle overwrites a rival",
    file: settle,
    edits: [['if state == "h" and isRival(claim, decided) then', "if false then"]],
  },
  {
    name: "settle keeps a rival to itself",
    file: settle,
    edits: [["      rivals[#rivals + 1], rivals[#rivals + 2] = user, claim\n", ""]],
  },
  {
    name: "settle takes every decision for a confirmation",
    file: "admission/settle.ts",
    edits: [
      ['    case "confirmed":\n', '    case "confirmed":\n    case "rejected":\n'],
      ['    case "rejected":\n    case "cancelled":\n', '    case "cancelled":\n'],
    ],
  },
  {
    name: "load brings released rids back",
    file: "admission/load-claims.lua",
    edits: [["elseif not (anyReleased and isReleased[ridOf(known)]) then", "else"]],
  },
  {
    name: "load drops held claims",
    file: "admission/load-drop.lua",
    edits: [['if string.sub(fields[at + 1], 1, 2) == "k:" then', "if true then"]],
  },
  {
    name: "load overwrites a rival",
    file: "admission/load-claims.lua",
    edits: [['if state == "k:" and heldRid and heldRid ~= ridOf(known) then', "if false then"]],
  },
  {
    name: "load opens before the decisions are read",
    file: "admission/load.ts",
    edits: [
      [
        "    const { claims, isLast } = await read",
        "    await run(redis, finishScript, keysToFinish(load.lectureId), [load.name]);\n    const { claims, isLast } = await read",
      ],
    ],
  },
  {
    name: "load leaves the decisions out",
    file: "worker/claim-source.ts",
    edits: [
      ["      return { claims, isLast", "      claims.length = 0;\n      return { claims, isLast"],
    ],
  },
  {
    name: "load leaves lectures alone that look ready",
    file: "worker/load.ts",
    edits: [["anew ? await markOf(deps.redis) : undefined", "undefined"]],
  },
  {
    name: "the newest load wins",
    file: loadBegin,
    edits: [
      [
        'if ready == "0" and load and step and leaseUntilMs and mark == ARGV[3] then',
        "if false then",
      ],
    ],
  },
  {
    name: "a lease from before the clock was set back holds",
    file: loadBegin,
    edits: [["and leftMs > 0 and leftMs <= tonumber(ARGV[4]) then", "and leftMs > 0 then"]],
  },
  {
    name: "a load is never taken over",
    file: loadBegin,
    edits: [["and leftMs > 0 and leftMs <= tonumber(ARGV[4]) then", "then"]],
  },
  {
    name: "a Redis that restarted keeps its mark",
    file: "admission/opening.ts",
    edits: [
      [
        "    if (Number(kept) === 1) return String(known);",
        "    if (kept !== undefined) return String(known);",
      ],
    ],
  },
  {
    name: "admission is never opened again",
    file: opening,
    edits: [["return known.every((one) => Number(one) === 1);", "return true;"]],
  },
  {
    name: "admission opens although Redis restarted meanwhile",
    file: opening,
    edits: [
      [
        "(await redis.scriptExists(sha1))[0]) === 1;",
        "(await redis.scriptExists(sha1)).length) === 1;",
      ],
    ],
  },
  {
    name: "decide does not wait for the commit",
    file: "worker/decide.ts",
    edits: [
      ["(connection) => connection.commit());", "async (connection) => void connection.commit());"],
    ],
  },
  {
    name: "decide reads the decisions before it has the lock",
    file: ledger,
    edits: [
      [
        "  const stock = await lockStock(connection, commands, timeoutMs);",
        "  await findDecisions(connection, commands, timeoutMs);\n  const stock = await lockStock(connection, commands, timeoutMs);",
      ],
    ],
  },
  {
    name: "decide does not lock the stock",
    file: ledger,
    edits: [[" ORDER BY lecture_id FOR UPDATE`", " ORDER BY lecture_id`"]],
  },
  {
    name: "decide forgets to count the seat",
    file: rules,
    edits: [
      [
        "  changes.seatsTaken.set(lectureId, ",
        "  if (seats < 0) changes.seatsTaken.set(lectureId, ",
      ],
    ],
  },
  {
    name: "decide does not look what is left",
    file: rules,
    edits: [['  if (stock.remaining === 0) return "sold_out";\n', ""]],
  },
  {
    name: "decide decides a rid anew",
    file: rules,
    edits: [["  if (ledger.decisions.has(command.rid)) return;\n", ""]],
  },
  {
    name: "a used-up quota is taken for a refusal",
    file: "admission/refused.ts",
    edits: [["|| SCRIPT_ERROR.test(error);", '|| error.startsWith("ERR ");']],
  },
  {
    name: "cancel gives the seat back twice",
    file: rules,
    edits: [
      [
        "if (!holdsSeat(decision.status) || decision.userId !== userId)",
        "if (decision.userId !== userId)",
      ],
    ],
  },
  {
    name: "cancel keeps the seat",
    file: rules,
    edits: [["  take(ledger, changes, lectureId, -1);\n", ""]],
  },
  {
    name: "cancel that comes first is not remembered",
    file: rules,
    edits: [["  if (!decision) {\n", "  if (!decision) return;\n  if (!decision) {\n"]],
  },
  {
    name: "unknown is taken for failure and the claim released",
    file: "worker/decide-all.ts",
    edits: [
      [
        "    onRetry: (err, attempt) =>\n      deps.log.warn(",
        `    onRetry: (err, attempt) =>
      void settleDecisions(deps, [], commands.map((command) => ({ ...command, status: "rejected" as const, claimedAtMs: 0, decidedAtMs: 0 }))).then(() =>
      deps.log.warn(`,
      ],
      ['"deciding a batch again",\n      ),', '"deciding a batch again",\n      )),'],
      [
        'import { Contradiction } from "./rules.ts";',
        'import { Contradiction } from "./rules.ts";\nimport { settleDecisions } from "./settle.ts";',
      ],
    ],
  },
  {
    name: "batch is acknowledged before it is handled",
    file: "queue/batches.ts",
    edits: [
      [
        "      const verdicts = await judge(batch);\n",
        '      await settle(channel, queue, batch, batch.map(() => "ack"));\n      const verdicts = await judge(batch);\n',
      ],
      ["      await settle(channel, queue, batch, verdicts);\n", ""],
    ],
  },
  {
    name: "batch is settled before it is decided",
    file: "worker/batch.ts",
    edits: [
      [
        "  const { decisions, undecidable } = await decideAll(deps, commands, patience, (some) =>",
        `  await settleDecisions(deps, commands, commands.map((command) => ({ ...command, status: "confirmed" as const, claimedAtMs: startedAtMs, decidedAtMs: startedAtMs })));
  const { decisions, undecidable } = await decideAll(deps, commands, patience, (some) =>`,
      ],
    ],
  },
  {
    name: "a lost connection is taken for a command's fault",
    file: "worker/decide-all.ts",
    edits: [
      ["    mayRetry: (error) => !willComeAgain(error),", "    mayRetry: () => false,"],
      ["await findCulprit(deps, commands);", '"commands";'],
      ['import { findCulprit } from "./fault.ts";\n', ""],
    ],
  },
  {
    name: "verdicts go to whatever channel there is",
    file: "queue/batches.ts",
    edits: [
      [
        "      await settle(channel, queue, batch, verdicts);",
        "      await settle(source?.channel ?? channel, queue, batch, verdicts);",
      ],
    ],
  },
  {
    name: "dead letter overrules the decision",
    file: "worker/dead-letters.ts",
    edits: [
      [
        "ON DUPLICATE KEY UPDATE rid = rid`",
        "ON DUPLICATE KEY UPDATE status = 'rejected', reason = 'undeliverable'`",
      ],
    ],
  },
  {
    name: "dead letter is dropped undecided",
    file: "worker/dead-letters.ts",
    edits: [
      [
        'return deliveryCount > GIVE_UPS_MAX ? "later" : await giveUp(deps, command);',
        'return "ack";',
      ],
    ],
  },
  {
    name: "dead letter is given up untried",
    file: "worker/dead-letters.ts",
    edits: [
      [
        "    if (suspected >= LOST_WORKERS_MAX)\n      return",
        '    if (delivery.diedOf === "delivery_limit") return',
      ],
    ],
  },
  {
    name: "dead letter that takes workers down is tried for ever",
    file: "queue/send-to-end.ts",
    edits: [['  if (as === "suspect") headers', '  if (as === "later") headers']],
  },
  {
    name: "sweeper queues nothing again",
    file: "worker/sweep.ts",
    edits: [
      ["  const outcome = await deps.publisher.publish(command);", '  const outcome = "queued";'],
    ],
  },
  {
    name: "sweeper looks at claims alone",
    file: "worker/sweep.ts",
    edits: [
      [
        "  const stale = await findStale(deps.zooKeeper, seen, { staleMs: OVERDUE_MS, nowMs });",
        "  const stale: string[] = [];",
      ],
      ["import { findStale, type SeenNodes }", "import type { SeenNodes }"],
    ],
  },
  {
    name: "sweeper looks at pending nodes alone",
    file: "worker/sweep.ts",
    edits: [["new Map(overdue.commands.map(", "new Map(([] as Command[]).map("]],
  },
  {
    name: "sweeper releases what is overdue",
    file: "worker/sweep.ts",
    edits: [
      [
        '  if (!deps.leads()) return "unavailable";\n',
        `  if (!deps.leads()) return "unavailable";
  if (command.kind === "reserve") await settle(deps.redis, command.lectureId, [{ ...command, status: "rejected" }]);
`,
      ],
      [
        "import { findOverdue,",
        'import { settle } from "../admission/settle.ts";\nimport { findOverdue,',
      ],
    ],
  },
  {
    name: "sweeper has patience by the machine's clock",
    file: "worker/sweep.ts",
    edits: [["  const nowMs = deps.clock.monotonicMs();", "  const nowMs = deps.now();"]],
  },
  {
    name: "sweeper leaves claims of the future alone",
    file: "admission/find-overdue.ts",
    edits: [["  const users = [...before, ...after];", "  const users = before;"]],
  },
  {
    name: "sweeper tries once and never again",
    file: "worker/patience.ts",
    edits: [["    return !known || nowMs >= known.untilMs;", "    return !known;"]],
  },
  {
    name: "leader takes the node of its dead session for its own",
    file: "pending/leadership.ts",
    edits: [["(node?.isOfThisSession ?? false) && ", ""]],
  },
  {
    name: "leader's lease outlives its session",
    file: "pending/leadership.ts",
    edits: [["    lease.session === session.currentSession() &&\n", ""]],
  },
  {
    name: "refused command takes a seat that is free",
    file: rules,
    edits: [["  if (refused) return refused;\n", ""]],
  },
  {
    name: "refusal is written and its claim is left held",
    file: rules,
    edits: [
      [
        "    settled.add(decision);\n",
        '    if (decision.reason !== "overlaps") settled.add(decision);\n',
      ],
    ],
  },
  {
    name: "refused command is rejected though its rid is decided",
    file: rules,
    edits: [
      [
        "  if (ledger.decisions.has(command.rid)) return;",
        "  if (ledger.decisions.has(command.rid) && !command.refused) return;",
      ],
    ],
  },
  ...Object.entries(amendMistakes).flatMap(([file, ofFile]) =>
    Object.entries(ofFile).map(([name, edits]) => ({ name, file, edits: listed(edits) })),
  ),
];

function listed(edits: Mutant["edits"][number] | Mutant["edits"]): Mutant["edits"] {
  return isOne(edits) ? [edits] : edits;
}

function isOne(edits: Mutant["edits"][number] | Mutant["edits"]): edits is Mutant["edits"][number] {
  return typeof edits[0] === "string";
}
