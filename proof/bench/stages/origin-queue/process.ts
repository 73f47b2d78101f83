import { freshLectureId } from "../../fresh-lecture-id.ts";
import { serveSides } from "../../measured-process.ts";
import { openLeftovers } from "../leftovers.ts";
import { prepareCommands } from "../prepared-commands.ts";
import { rawConfirms } from "../raw/confirms.ts";
import { rawMultis } from "../raw/multis.ts";
import { openOurs } from "./ours.ts";

/** The commands under way equal the broker's confirm window. */
const AT_ONCE = 1_000;

/** More than any side does in a second. */
const COMMANDS_PER_S = 40_000;

const { RABBITMQ_URL = "", ZOOKEEPER_URL = "", PARTITIONS } = process.env;
const servers = {
  rabbitmqUrl: RABBITMQ_URL,
  zooKeeperUrl: ZOOKEEPER_URL,
  partitions: Number(PARTITIONS),
};
const leftovers = await openLeftovers(servers);
const ours = await openOurs(servers);
const multis = await rawMultis(servers.zooKeeperUrl);
const confirms = await rawConfirms(servers.rabbitmqUrl);

serveSides({
  async ours(seconds) {
    const commands = prepareCommands(freshLectureId(), COMMANDS_PER_S * seconds);
    const rate = await ours.enqueueAll(commands, { atOnce: AT_ONCE, seconds });
    await leftovers.clear();
    return rate;
  },

  /** One after the other: one core's capacity with the bare parts alone. */
  async bare(seconds) {
    const commands = prepareCommands(freshLectureId(), COMMANDS_PER_S * seconds);
    const created = await multis.createAll(commands, { atOnce: AT_ONCE, seconds: seconds / 2 });
    await leftovers.clear();
    const confirmed = await confirms.publishAll(commands, {
      atOnce: AT_ONCE,
      seconds: seconds / 2,
    });
    await leftovers.clear();
    return 1 / (1 / created + 1 / confirmed);
  },

  async close() {
    await Promise.all([ours.close(), multis.close(), confirms.close(), leftovers.close()]);
  },
});
