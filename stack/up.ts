import type { StackConfig } from "./config.ts";
import { debianStep } from "./debian.ts";
import { bundleEdge } from "./edge-bundle.ts";
import { databasesOf, environmentOf } from "./environment.ts";
import { externalServers, externalStep } from "./external-servers.ts";
import { proveBooking } from "./first-booking/prove-booking.ts";
import type { PartName } from "./layout.ts";
import { lockStack } from "./lock.ts";
import { migrate } from "./migrate.ts";
import type { Part } from "./part.ts";
import { ownParts } from "./parts.ts";
import { makePlan, type Plan, type PlanOptions } from "./plan.ts";
import { runningProcess } from "./records.ts";
import { followPrimary } from "./replication.ts";
import { seed } from "./seed.ts";
import { refuseBusyPorts, type StartedPart, startPart } from "./start-part.ts";
import { runSteps, type Step } from "./steps.ts";
import { stopParts } from "./stop-parts.ts";

export interface RunningStack {
  plan: Plan;
  /** the parts that this start has started; empty when everything ran already */
  started: StartedPart[];
}

export interface StartOptions extends PlanOptions {
  interrupted: AbortSignal;
  hurry: AbortSignal;
  /** keep stdout free for machines */
  quietly?: boolean;
}

/**
 * Starts the missing and the broken parts of a stack, waits until all are ready, and books a seat.
 * A failed or `interrupted` start stops its parts and throws. A failed start into a partly running
 * stack leaves its parts running. Throws StackError at once while another command starts or stops
 * the same stack.
 */
export async function startStack(
  config: StackConfig,
  { interrupted, hurry, quietly = false, ...options }: StartOptions,
): Promise<RunningStack> {
  const unlock = lockStack(config.dir, "npm start");
  const started: StartedPart[] = [];
  let isMending = false;
  try {
    const plan = makePlan(config, options);
    const parts = ownParts(plan);
    const missing = parts.filter(({ name }) => !runningProcess(plan.dir, name));
    isMending = missing.length < parts.length;
    await refuseBusyPorts(plan, missing);
    await runSteps(startSteps(plan, parts, missing, started), {
      interrupted,
      quietly,
      thorough: isMending,
    });
    return { plan, started };
  } catch (error) {
    if (!isMending || interrupted.aborted)
      await stopParts(config.dir, started, { hurry, quietly: true });
    throw error;
  } finally {
    unlock();
  }
}

function startSteps(plan: Plan, parts: Part[], missing: Part[], started: StartedPart[]): Step[] {
  const isMissing = (...names: PartName[]) => missing.some(({ name }) => names.includes(name));
  const debian = debianStep(plan);
  const steps: Step[] = debian ? [debian] : [];
  if (isMissing("edge")) steps.push(bundleStep(plan));
  steps.push(...externalServers(plan).map(externalStep));
  steps.push(...parts.map((part) => partStep(plan, part, started)));
  if (isMissing("origin", "worker")) steps.push(migrationStep(plan));
  if (plan.replica) steps.push(replicationStep(plan));
  if (isMissing("origin", "worker", "edge")) steps.push(seedStep(plan));
  steps.push(bookingStep(plan));
  return steps;
}

function partStep(plan: Plan, part: Part, started: StartedPart[]): Step {
  const needs = [...part.needs, "Debian packages"];
  const after = part.after ?? [];
  return { name: part.name, needs, after, run: (signal) => startPart(plan, part, started, signal) };
}

function bundleStep({ dir }: Plan): Step {
  const run = async (signal: AbortSignal) => {
    await bundleEdge(dir, signal);
    return "";
  };
  return { name: "edge bundle", needs: [], run };
}

function migrationStep(plan: Plan): Step {
  const run = async (signal: AbortSignal) => {
    await migrate(plan.dir, databasesOf(environmentOf(plan)), signal);
    return "";
  };
  const needs = ["mysql", ...externalServers(plan).map(({ name }) => name)];
  return { name: "migrations", needs, run };
}

function replicationStep(plan: Plan): Step {
  const run = (signal: AbortSignal) => followPrimary(plan, signal);
  return { name: "replication", needs: ["mysql", "mysql-replica", "migrations"], run };
}

function bookingStep(plan: Plan): Step {
  return {
    name: "booking",
    needs: ["seed lectures", "edge", "worker", "redis-http", "rabbitmq", "mysql", "zookeeper"],
    run: (signal) => proveBooking(plan, signal),
  };
}

function seedStep(plan: Plan): Step {
  return {
    name: "seed lectures",
    needs: ["edge", "worker"],
    run: (signal) => seed(environmentOf(plan), signal),
  };
}
