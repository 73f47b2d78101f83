import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../../stack/layout.ts";
import { platformBinary } from "../../../stack/platform-binary.ts";
import { workerdConfig } from "../../../stack/workerd-config.ts";
import { readWranglerFile } from "../../../stack/wrangler-file.ts";
import {
  type Launcher,
  LISTENING,
  type Runtime,
  type ServedEdge,
  serveProgram,
} from "../../../test/edge-runtimes.ts";
import type { Bare } from "./bare/app.ts";

/** Starts the bare program on a runtime in the same way as the edge. */
export function serveBare(runtime: Runtime, bare: Bare): Promise<ServedEdge> {
  const BARE = JSON.stringify(bare);
  return serveProgram((dir) => launchers[runtime](dir, BARE), { BARE });
}

const launchers: Record<Runtime, (dir: string, settings: string) => Promise<Launcher>> = {
  bun: async () => ({
    command: [process.execPath, "proof/bench/edge/bare/bun.ts"],
    cwd: ROOT,
    portOf: LISTENING,
  }),

  async deno(cwd) {
    await bundle("deno.ts", join(cwd, "deno.js"));
    const command = [platformBinary("deno"), "run", "--no-prompt", "--allow-net", "--allow-env"];
    return {
      command: [...command, "--unstable-no-legacy-abort", "deno.js"],
      cwd,
      portOf: LISTENING,
    };
  },

  async workerd(cwd, settings) {
    await bundle("workers.ts", join(cwd, "workers.js"));
    const { compatibilityDate, compatibilityFlags } = readWranglerFile();
    const config = workerdConfig({
      address: "127.0.0.1:0",
      compatibilityDate,
      compatibilityFlags,
      modules: ["workers.js"],
      vars: { BARE: settings },
      secretNames: [],
    });
    writeFileSync(join(cwd, "bare.capnp"), config, { mode: 0o600 });
    const command = [platformBinary("workerd"), "serve", "--control-fd=1", "bare.capnp"];
    return { command, cwd, portOf: /"event":"listen","socket":"http","port":(\d+)/ };
  },
};

async function bundle(entry: string, file: string): Promise<void> {
  const built = await Bun.build({
    entrypoints: [join(ROOT, "proof/bench/edge/bare", entry)],
    target: "browser",
    conditions: ["workerd"],
  });
  await Bun.write(file, built.outputs[0] ?? "");
}
