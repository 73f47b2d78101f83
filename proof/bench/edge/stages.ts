import { runtimes } from "../../../test/edge-runtimes.ts";
import type { Stage } from "../stage.ts";
import { type EdgeStage, edgeStage } from "./stage.ts";

const MANY = 60_000;

const kinds: EdgeStage[] = [
  {
    name: "edge refuses from memory",
    ceiling: "bare Hono, same answer",
    atLeast: 0.8,
    does: "answer",
    students: 1_000,
    loaded: "refusing",
  },
  {
    name: "edge refuses, new tokens",
    ceiling: "bare Hono that verifies the token",
    atLeast: 0.8,
    does: "verify",
    students: MANY,
    loaded: "refusing",
  },
  {
    name: "edge claims",
    ceiling: "bare handler, one raw fetch to Redis",
    atLeast: 0.8,
    does: "claim",
    students: 1,
    loaded: "held",
  },
  {
    name: "edge accepts",
    ceiling: "bare handler, two raw fetches",
    atLeast: 0.75,
    does: "accept",
    students: 1_000,
    loaded: "taking",
  },
];

/** The edge's work, on each of its runtimes. */
export const edgeStages: Stage[] = kinds.flatMap((kind) =>
  runtimes.map((runtime) => edgeStage(runtime, kind)),
);
