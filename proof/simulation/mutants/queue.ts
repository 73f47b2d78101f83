import type { Mistakes } from "../mutant.ts";

export const queueMistakes: Mistakes = {
  "queue/batches.ts": {
    "batch is acknowledged before it is handled": [
      [
        "const verdicts = await judge(batch);",
        'await settle(channel, queue, batch, batch.map(() => "ack"));\n      const verdicts = await judge(batch);',
      ],
      ["      await settle(channel, queue, batch, verdicts);\n", ""],
    ],
    "verdicts go to whatever channel there is": [
      "settle(channel, queue, batch, verdicts);",
      "settle(source?.channel ?? channel, queue, batch, verdicts);",
    ],
  },
  "queue/send-to-end.ts": {
    "dead letter that takes workers down is tried for ever": ['as === "suspect"', 'as === "later"'],
  },
};
