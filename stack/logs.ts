import { existsSync } from "node:fs";
import { paths } from "./layout.ts";
import { STOP_ORDER } from "./parts.ts";
import { StackError } from "./stack-error.ts";

/** Logs that belong to no part. */
const TOOL_LOGS = ["migrations", "wrangler", "apt", "npm"];

/**
 * Shows the last 200 lines of a log and follows it until an interrupt. Throws StackError for an
 * unknown name and for a missing log.
 */
export async function followLog(
  dir: string,
  name: string | undefined,
  interrupted: AbortSignal,
): Promise<void> {
  const names: string[] = [...STOP_ORDER.flat().map((part) => part.name), ...TOOL_LOGS];
  if (!name || !names.includes(name))
    throw new StackError(`npm run logs -- NAME, with NAME one of ${names.join(", ")}`);
  const log = paths.log(dir, name);
  if (!existsSync(log)) throw new StackError(`${name} has written no log here (${log})`);
  const tail = Bun.spawn(["tail", "-n", "200", "-F", log], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  interrupted.addEventListener("abort", () => tail.kill());
  await tail.exited;
}
