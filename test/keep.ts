import { listenToInterrupts } from "../stack/interrupts.ts";
import { lockStack } from "../stack/lock.ts";
import { StackError } from "../stack/stack-error.ts";
import { forgetServers, KEPT_LANE, keepServers } from "./kept-servers.ts";
import { TEST_DIR } from "./lanes.ts";
import { startTestStack, stopTestStack } from "./test-stack.ts";

/*
 * npm run test:up starts the private servers of the tests and leaves them running. A further
 * test:up starts them again with the present code. npm run test:down stops them and drops their
 * data.
 */
const command = process.argv[2];
const interrupts = listenToInterrupts();
try {
  const unlock = lockStack(TEST_DIR, `npm run test:${command}`);
  forgetServers();
  await stopTestStack(interrupts.hurry);
  if (command === "up") {
    keepServers(await startTestStack([KEPT_LANE], interrupts));
    console.log("\nThe tests' private servers are up.");
    console.log("  one file    npm test -- --only worker/rules.test.ts");
    console.log("  on change   npm test -- --watch worker/rules.test.ts");
    console.log("  stop        npm run test:down");
  } else {
    console.log("The tests' private servers are stopped.");
  }
  unlock();
  process.exit(0);
} catch (error) {
  console.error(error instanceof StackError ? `lectern: ${error.message}` : error);
  await stopTestStack(interrupts.hurry);
  process.exit(interrupts.stop.aborted ? 130 : 1);
}
