import { HELD, type Running, runCommand, untilInterrupted } from "../../kit/command.ts";
import { startBenchSystem } from "../system.ts";
import type { Bench } from "./bench.ts";
import { openClients } from "./clients.ts";
import { keep, readKept } from "./kept.ts";
import { type MeasurementName, measurements, type Results } from "./measurements.ts";
import { readCommandLine, usage } from "./options.ts";
import { writeGuide } from "./pages/guide.ts";
import { sheetsOf } from "./pages/sheets.ts";
import { terminalText } from "./pages/terminal.ts";

await runCommand({
  name: "capacity",
  usage,
  read: readCommandLine,
  async run(options, running) {
    if (options.tables) return await writeTables();
    const measured = await measureAll(options.names, running);
    running.end();
    if (options.keep) await writeGuide(await keep(measured));
    console.log(
      options.json ? JSON.stringify(measured, null, 2) : terminalText(sheetsOf(measured)),
    );
    return HELD;
  },
});

async function writeTables(): Promise<number> {
  const kept = await readKept();
  if (!kept) throw new Error("no figures are kept yet: npm run capacity -- --keep");
  await writeGuide(kept);
  console.log(terminalText(sheetsOf(kept.results)));
  return HELD;
}

async function measureAll(
  names: MeasurementName[],
  { interrupts, tell }: Running,
): Promise<Partial<Results>> {
  tell("starting the servers …");
  const system = await startBenchSystem(interrupts, {
    dir: ".stack-capacity",
    vhosts: ["partitions-1", "partitions-2"],
    quietly: false,
  });
  try {
    const clients = await openClients(system);
    try {
      return await untilInterrupted(inTurn(names, { system, clients, tell }), interrupts);
    } finally {
      await clients.close();
    }
  } finally {
    await system.stop();
  }
}

async function inTurn(names: MeasurementName[], bench: Bench): Promise<Partial<Results>> {
  const measured: Record<string, unknown> = {};
  for (const [at, name] of names.entries()) {
    const count = `${at + 1} of ${names.length}`;
    const tellOf = (line: string) => bench.tell(`${count} ${line}`);
    measured[name] = await measurements[name]({ ...bench, tell: tellOf });
  }
  return measured as Partial<Results>;
}
