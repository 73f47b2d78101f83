import type { Mistakes } from "../mutant.ts";

export const admissionMistakes: Mistakes = {
  "admission/claim.lua": {
    "claim does not recognise its own rid": ["if claimedRid == rid then", "if false then"],
    "claim forgets released rids": ["elseif released then", "elseif false then"],
    "claim lets a user have two": ["elseif claim then", "elseif false then"],
    "claim lets one too many through": ["taken >= capacity", "taken > capacity"],
    "claim opens early": ["nowMs < opensAtMs", "nowMs + 5000 < opensAtMs"],
    "claim closes late": ["nowMs >= closesAtMs", "nowMs > closesAtMs + 5000"],
    "claim is not put on the sweeper's list": [
      'redis.call("ZADD", KEYS[3], claimedAtMs, user)',
      "",
    ],
  },
  "admission/claim.ts": {
    "claim sends its script to a Redis that was not compared": [
      ["await runIfKnown(", "await run("],
      ["type AdmissionRedis, runIfKnown,", "type AdmissionRedis, run,"],
    ],
  },
  "admission/settle.lua": {
    "settle releases whatever claim the user has": ["if claimedRid == rid then", "if claim then"],
    "settle forgets what it released": ['redis.call("HSETNX", KEYS[3], rid, status)', ""],
    "settle does not write lost claims anew": ['state ~= "k"', 'state == "h"'],
    "settle leaves confirmed claims on the sweeper's list": [
      'if #settled > 0 then redis.call("ZREM", KEYS[2], unpack(settled)) end',
      'if #dropped > 0 then redis.call("ZREM", KEYS[2], unpack(dropped)) end',
    ],
    "settle overwrites a rival": ['state == "h" and isRival(claim, decided)', "false"],
    "settle keeps a rival to itself": [
      "      rivals[#rivals + 1], rivals[#rivals + 2] = user, claim\n",
      "",
    ],
  },
  "admission/settle.ts": {
    "settle takes every decision for a confirmation": [
      ['    case "confirmed":\n', '    case "confirmed":\n    case "rejected":\n'],
      ['    case "rejected":\n    case "cancelled":\n', '    case "cancelled":\n'],
    ],
  },
  "admission/load-claims.lua": {
    "load brings released rids back": [
      "elseif not (anyReleased and isReleased[ridOf(known)]) then",
      "else",
    ],
    "load overwrites a rival": ['state == "k:" and heldRid and heldRid ~= ridOf(known)', "false"],
  },
  "admission/load-drop.lua": {
    "load drops held claims": ['string.sub(fields[at + 1], 1, 2) == "k:"', "true"],
  },
  "admission/load.ts": {
    "load opens before the decisions are read": [
      "const { claims, isLast } = await read",
      "await run(redis, finishScript, keysToFinish(load.lectureId), [load.name]);\n    const { claims, isLast } = await read",
    ],
  },
  "admission/load-begin.lua": {
    "the newest load wins": [
      'ready == "0" and load and step and leaseUntilMs and mark == ARGV[3]',
      "false",
    ],
    "a lease from before the clock was set back holds": [" and leftMs <= tonumber(ARGV[4])", ""],
    "a load is never taken over": [" and leftMs > 0 and leftMs <= tonumber(ARGV[4])", ""],
  },
  "admission/opening.ts": {
    "a Redis that restarted keeps its mark": ["Number(kept) === 1", "kept !== undefined"],
    "admission is never opened again": ["known.every((one) => Number(one) === 1)", "true"],
    "admission opens although Redis restarted meanwhile": [
      "redis.scriptExists(sha1))[0]",
      "redis.scriptExists(sha1)).length",
    ],
  },
  "admission/refused.ts": {
    "a used-up quota is taken for a refusal": [
      "SCRIPT_ERROR.test(error)",
      'error.startsWith("ERR ")',
    ],
  },
  "admission/find-overdue.ts": {
    "sweeper leaves claims of the future alone": ["[...before, ...after]", "before"],
  },
};
