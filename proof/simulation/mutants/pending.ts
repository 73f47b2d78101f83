import type { Mistakes } from "../mutant.ts";

export const pendingMistakes: Mistakes = {
  "pending/leadership.ts": {
    "leader takes the node of its dead session for its own": [
      "(node?.isOfThisSession ?? false) && ",
      "",
    ],
    "leader's lease outlives its session": [
      "    lease.session === session.currentSession() &&\n",
      "",
    ],
  },
};
