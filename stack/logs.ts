import { existsSync } from "node:fs";
import { paths } from "./layout.ts";
import { STOP_ORDER } from "./parts.ts";
import { StackError } from "./stack-error.ts";

/** Logs that are not of a running part. */
const TOOL_LOGS = ["migrations", "wrangler", "apt", "npm"];

/** Shows the end of a log and follows it until an interrupt. Throws StackError when there is no such log. */
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
