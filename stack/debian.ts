import { existsSync } from "node:fs";
import { join } from "node:path";
import { paths } from "./layout.ts";
import type { Plan } from "./plan.ts";
import type { Launch } from "./processes.ts";
import { missingPackages } from "./programs.ts";
import { StackError } from "./stack-error.ts";
import type { Step } from "./steps.ts";
import { runTool } from "./tool.ts";

/**
 * The step that installs the Debian packages of missing programs; undefined when none is missing.
 */
export function debianStep({ dir, external }: Plan): Step | undefined {
  const missing = missingPackages(external);
  if (missing.length === 0) return undefined;
  const run = async (signal: AbortSignal) => {
    if (!existsSync("/usr/bin/apt-get")) {
      throw new StackError(
        `this is no Debian: what its packages ${missing.join(", ")} hold ` +
          "has to be there, in Debian's places",
      );
    }
    const tell = () => console.error("stopping once the Debian packages are installed …");
    signal.addEventListener("abort", tell);
    await runTool(await asRoot(missing), { log: paths.log(dir, "apt"), signal, finishes: true });
    signal.removeEventListener("abort", tell);
    const still = missingPackages(external);
    if (still.length > 0)
      throw new StackError(`apt-get installed no ${still.join(", ")} (${paths.log(dir, "apt")})`);
    return missing.join(", ");
  };
  return { name: "Debian packages", needs: [], run };
}

async function asRoot(packages: string[]): Promise<Launch> {
  const script: [string, ...string[]] = [
    "/bin/sh",
    join(import.meta.dir, "install-packages.sh"),
    ...packages,
  ];
  const env = {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    LANG: "C.UTF-8",
  };
  if (process.getuid?.() === 0) return { command: script, env, cwd: "/" };
  const sudo = "/usr/bin/sudo";
  if (
    existsSync(sudo) &&
    (await Bun.spawn([sudo, "-n", "true"], { stderr: "ignore" }).exited) === 0
  ) {
    return { command: [sudo, "-n", ...script], env, cwd: "/" };
  }
  const install = "apt-get install -y --no-install-recommends";
  const command = `sudo apt-get update && sudo ${install} ${packages.join(" ")}`;
  throw new StackError(`servers are missing, and only root may install them. Run: ${command}`);
}
