import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { evaluateOnBroker } from "./broker-eval.ts";

/*
 * Every test shares the broker. A test that changes it first records in a file how the change is
 * undone. The next test's start undoes what the file holds. This needs neither the end of the
 * changing test nor its process.
 */

/** One change at a time, so that no undoing overtakes a change of a test that timed out. */
let changing: Promise<void> = Promise.resolve();

/** Changes the broker by an Erlang expression, until `undo` is evaluated. */
export function changeBroker(expression: string, undo: string): Promise<void> {
  return inTurn(async () => {
    writeFileSync(record(), undo);
    await evaluateOnBroker(expression);
  });
}

/** Undoes the change of this test or of an earlier one, if there is one. */
export function undoBrokerChange(): Promise<void> {
  return inTurn(async () => {
    if (!process.env["LECTERN_STACK_DIR"] || !existsSync(record())) return;
    await evaluateOnBroker(readFileSync(record(), "utf8"));
    rmSync(record());
  });
}

function inTurn(change: () => Promise<void>): Promise<void> {
  const done = changing.then(change);
  changing = done.catch(() => {});
  return done;
}

/** The file lies beside the broker's data, so a new broker begins without it. */
const record = () => join(process.env["LECTERN_STACK_DIR"] ?? "", "data", "broker-change");
