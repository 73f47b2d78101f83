import type { ReserveCommand } from "../../../../contract/command.ts";
import { randomLectureId } from "../../../../test/servers.ts";
import { handleBatch } from "../../../../worker/batch.ts";
import { readConfig } from "../../../../worker/config.ts";
import { prepareCommands } from "../../commands.ts";
import { consumeAll } from "../../consume.ts";
import { measuredEnvironment, serveSides } from "../../measured-process.ts";
import { openWorkerDeps } from "../../servers.ts";
import { openLeftovers } from "../leftovers.ts";
import { consumeBare } from "../raw/consume.ts";
import { insertAll } from "../raw/insert.ts";
import { lectureOf, openPreparation } from "./prepare.ts";
import { openTables } from "./tables.ts";

/** About the number processed per second, so that a round takes its given seconds. */
const COMMANDS_PER_S = 20_000;

const given = measuredEnvironment();
const { PARTITIONS: partitions, BATCH_COMMANDS: maxBatch } = readConfig(given);
const tables = await openTables(given.BOOKING_MYSQL_URL);
const environment = { ...given, BOOKING_MYSQL_URL: tables.url };
const leftovers = await openLeftovers(environment);
const preparation = openPreparation(given["REDIS_URL"] ?? "", leftovers);

serveSides({
  async ours(seconds) {
    const commands = commandsOfARush(seconds);
    const count = commands.flat().length;
    await tables.empty(commands.map(lectureOf));
    await preparation.loadClaims(commands);
    await preparation.createNodes(commands);
    await preparation.publish(commands);
    const rate = await consumeOurs(commands);
    await tables.expectDecided(count);
    await preparation.expectSettled(commands);
    await leftovers.clear();
    return rate;
  },

  /** One after the other: one core's capacity with the bare parts alone. */
  async bare(seconds) {
    const commands = commandsOfARush(seconds);
    const count = commands.flat().length;
    await tables.empty([]);
    await preparation.publish(commands);
    const consumed = await consumeBare(environment, count);
    const inserted = await insertAll(tables.url, commands);
    await tables.expectDecided(count);
    await leftovers.clear();
    return 1 / (1 / consumed + 1 / inserted);
  },

  async close() {
    preparation.close();
    await Promise.all([leftovers.close(), tables.close()]);
  },
});

/** Processes all commands, assembled as in worker/main.ts. Returns the commands per second. */
async function consumeOurs(commands: ReserveCommand[][]): Promise<number> {
  const { deps, close } = await openWorkerDeps(environment, { connections: partitions + 2 });
  const load = { count: commands.flat().length, maxBatch };
  try {
    return await consumeAll({ url: environment.RABBITMQ_URL, partitions }, load, (deliveries) =>
      handleBatch(deps, deliveries),
    );
  } finally {
    await close();
  }
}

/** One lecture per partition, so that all have work. */
function commandsOfARush(seconds: number) {
  const each = Math.ceil((COMMANDS_PER_S * seconds) / partitions);
  return Array.from({ length: partitions }, () => prepareCommands([randomLectureId()], each));
}
