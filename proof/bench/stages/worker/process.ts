import { readConfig } from "../../../../worker/config.ts";
import { freshLectureId } from "../../fresh-lecture-id.ts";
import { serveSides } from "../../measured-process.ts";
import { openLeftovers } from "../leftovers.ts";
import { prepareCommands } from "../prepared-commands.ts";
import { consumeAll } from "../raw/consume.ts";
import { insertAll } from "../raw/insert.ts";
import { consumeOurs } from "./ours.ts";
import { openPreparation } from "./prepare.ts";
import { openTables } from "./tables.ts";

/** About the number processed per second, so that a round takes its given seconds. */
const COMMANDS_PER_S = 20_000;

const config = readConfig(process.env);
const partitions = config.PARTITIONS;
const tables = await openTables(config.BOOKING_MYSQL_URL);
const servers = {
  rabbitmqUrl: config.RABBITMQ_URL,
  zooKeeperUrl: config.ZOOKEEPER_URL,
  mysqlUrl: tables.url,
  redis: { url: config.UPSTASH_REDIS_REST_URL, token: config.UPSTASH_REDIS_REST_TOKEN },
  partitions,
  batchCommands: config.BATCH_COMMANDS,
};
const leftovers = await openLeftovers(servers);
const preparation = await openPreparation({ ...servers, redisUrl: process.env["REDIS_URL"] ?? "" });

serveSides({
  async ours(seconds) {
    const commands = commandsOfARush(seconds);
    await tables.empty(commands.map(([first]) => first?.lectureId ?? ""));
    await preparation.loadClaims(commands);
    await preparation.createNodes(commands);
    await preparation.publish(commands);
    const rate = await consumeOurs(servers, commands.flat().length);
    await tables.expectDecided(commands.flat().length);
    await preparation.expectSettled(commands);
    await leftovers.clear();
    return rate;
  },

  /** One after the other: one core's capacity with the bare parts alone. */
  async bare(seconds) {
    const commands = commandsOfARush(seconds);
    await tables.empty([]);
    await preparation.publish(commands);
    const consumed = await consumeAll(servers, commands.flat().length);
    const inserted = await insertAll(servers.mysqlUrl, commands);
    await tables.expectDecided(commands.flat().length);
    await leftovers.clear();
    return 1 / (1 / consumed + 1 / inserted);
  },

  async close() {
    await Promise.all([leftovers.close(), preparation.close(), tables.close()]);
  },
});

/** One lecture per partition, so that all have work. */
function commandsOfARush(seconds: number) {
  const each = Math.ceil((COMMANDS_PER_S * seconds) / partitions);
  return Array.from({ length: partitions }, () => prepareCommands(freshLectureId(), each));
}
