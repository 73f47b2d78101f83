import { expect, test } from "bun:test";
import { progressOf } from "./progress.ts";

test.each([
  ["Init   [  12% ] 01245/10000 VUs initialized", "1245 of 10000 users made"],
  [
    "running (0m27.6s), 04083/10000 VUs, 1 complete and 0 interrupted iterations",
    "0m27.6s, 1 done, 4083 at work",
  ],
  [
    "running (0m05.0s), 00000/00050 VUs, 20 complete and 0 interrupted iterations",
    "0m05.0s, 20 done, 0 at work",
  ],
  ["rush   [  56% ] 04083/10000 VUs  1.7s/3s  6667.00 iters/s", undefined],
  ["", undefined],
])("what k6 writes is told shortly: %p", (line, told) => {
  expect(progressOf(line)).toBe(told);
});
