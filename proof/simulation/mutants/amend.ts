type Edit = [from: string, to: string];

const rules = "worker/amend-rules.ts";
const amend = "worker/amend.ts";

/** Mistakes about amendments: file → name → its edit, or its edits. */
export const amendMistakes: Record<string, Record<string, Edit | Edit[]>> = {
  "admission/fence.lua": {
    "fence counts and fences nothing": [
      'redis.call("HSET", KEYS[1], "fence", fence, unpack(written))',
      "",
    ],
    "fence counts a lecture that is not ready": [
      'return { lecture[1] == "1" and "ready" or "not_ready", taken }',
      'return { "ready", taken }',
    ],
  },
  "admission/terms.lua": {
    "fence never ends": ['redis.call("HDEL", KEYS[1], "fence")', ""],
    "settle ends the fence of another amendment": [
      'local isFenced = fence and fence ~= ","',
      "local isFenced = false",
    ],
  },
  "admission/load-finish.lua": {
    "load puts older terms over newer ones": [
      "if tonumber(ARGV[2]) >= version then",
      "if true then",
    ],
    "load opens wide although a fence stands": [
      "local version, isFenced = tonumber(lecture[3]) or 0, lecture[4] ~= false",
      "local version, isFenced = tonumber(lecture[3]) or 0, false",
    ],
  },
  [rules]: {
    "cut goes to the confirmed at once, and forgets the claims": [
      "Math.max(confirmed, taken);",
      "confirmed;",
    ],
    "cut goes to the target where nobody knows the claims": [
      "taken === undefined ? capacity :",
      "taken === undefined ? confirmed :",
    ],
    "earlier close is not written by the fence": [
      "closesAtMs: Math.min(bookingWindow(before).closesAtMs, bookingWindow(after).closesAtMs),",
      "closesAtMs: bookingWindow(before).closesAtMs,",
    ],
    "version of the organiser is not looked at": [
      "  if (ifVersion !== null && ifVersion !== terms.version)",
      "  if (ifVersion === 0)",
    ],
    "amendment makes no version": ["version: terms.version + 1 }", "version: terms.version }"],
    "strict cut sinks": ["  if (strict && change.capacity", "  if (!strict && change.capacity"],
  },
  [amend]: {
    "amendment that comes again is decided again": [
      "    const known = await findAmended(connection, command);",
      "    const known: Amended | undefined = undefined;",
    ],
    "seats of a cancelled lecture are never released": [
      '  if (amended?.outcome === "applied" && change.cancelled)',
      '  if (amended?.outcome === "refused" && change.cancelled)',
    ],
  },
  "worker/sweep-terms.ts": {
    "sweeper lets no capacity sink": ["      isSinking(stock) ?", "      !stock ?"],
    "sweeper mends with terms from before": [
      [
        "  const terms = await findAdmissionTerms(deps.database, lectureId);",
        "  const terms = admissionTerms(stock.terms);",
      ],
      ["import { readStandingTerms,", "import { admissionTerms, readStandingTerms,"],
    ],
  },
  "worker/rules.ts": {
    "seat given back is free although the capacity sinks": [
      "  if (!stock || stock.sinking <= 0) {",
      "  if (stock) {",
    ],
  },
};
