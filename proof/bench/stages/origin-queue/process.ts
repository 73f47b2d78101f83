import { randomLectureId } from "../../../../test/servers.ts";
import { prepareCommands } from "../../commands.ts";
import { measuredEnvironment, serveSides } from "../../measured-process.ts";
import { openLeftovers } from "../leftovers.ts";
import { rawConfirms } from "../raw/confirms.ts";
import { rawMultis } from "../raw/multis.ts";
import { openOurs } from "./ours.ts";

/** The commands under way equal the broker's confirm window. */
const AT_ONCE = 1_000;

/** More than any side does in a second. */
const COMMANDS_PER_S = 40_000;

const environment = measuredEnvironment();
const leftovers = await openLeftovers(environment);
const ours = await openOurs(environment);
const multis = await rawMultis(environment.ZOOKEEPER_URL);
const confirms = await rawConfirms(environment.RABBITMQ_URL);

serveSides({
  async ours(seconds) {
    const rate = await ours.enqueueAll(commandsFor(seconds), { atOnce: AT_ONCE, seconds });
    await leftovers.clear();
    return rate;
  },

  /** One after the other: one core's capacity with the bare parts alone. */
  async bare(seconds) {
    const commands = commandsFor(seconds);
    const pace = { atOnce: AT_ONCE, seconds: seconds / 2 };
    const created = await multis.createAll(commands, pace);
    await leftovers.clear();
    const confirmed = await confirms.publishAll(commands, pace);
    await leftovers.clear();
    return 1 / (1 / created + 1 / confirmed);
  },

  async close() {
    await Promise.all([ours.close(), multis.close(), confirms.close(), leftovers.close()]);
  },
});

function commandsFor(seconds: number) {
  return prepareCommands([randomLectureId()], COMMANDS_PER_S * seconds);
}
