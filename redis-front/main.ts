import { openLog } from "../runtime/telemetry/log.ts";
import { readConfig } from "./config.ts";
import { startFront } from "./front.ts";

const { log } = openLog({ service: "redis-http", level: "info" });

try {
  const front = await startFront({ ...readConfig(process.env), log });
  log.info(`listening on ${front.url}`);
  stopOnSignal(front.close);
} catch (error) {
  log.fatal((error as Error).message);
  process.exit(1);
}

function stopOnSignal(close: () => Promise<void>) {
  let isStopping = false;
  async function stop() {
    if (isStopping) return;
    isStopping = true;
    log.info("the front takes no new request and ends after the open ones");
    await close();
    process.exit(0);
  }
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}
