import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { environmentOf } from "../environment.ts";
import { paths, portOf } from "../layout.ts";
import type { Part } from "../part.ts";
import type { Plan } from "../plan.ts";
import { probeRabbit } from "../probes/rabbitmq.ts";
import { programs } from "../programs.ts";
import { serverEnvironment } from "./server-environment.ts";

/** A RabbitMQ node with its own name, cookie, epmd and ports, all on the loopback interface. */
export const rabbitmq: Part = {
  name: "rabbitmq",
  ports: ["rabbitmq", "rabbitmq-dist"],
  needs: ["epmd"],
  prepare: (plan) => {
    const cwd = paths.data(plan.dir, "rabbitmq");
    mkdirSync(cwd, { recursive: true, mode: 0o700 });
    // The leftovers of an interrupted first start are useless, and may keep the broker from
    // starting.
    if (!existsSync(firstStartDone(cwd)))
      rmSync(join(cwd, "mnesia"), { recursive: true, force: true });
    writeSettings(plan, cwd);
    return {
      command: [programs.rabbitmq],
      env: { ...serverEnvironment(cwd), ...nodeEnvironment(plan, cwd) },
      cwd,
    };
  },
  probe: (plan) => probeRabbit(environmentOf(plan).RABBITMQ_URL),
  onReady: (plan) => writeFileSync(firstStartDone(paths.data(plan.dir, "rabbitmq")), ""),
  stopWithinMs: 30_000,
};

function firstStartDone(cwd: string): string {
  return join(cwd, "first-start-done");
}

function nodeEnvironment(plan: Plan, cwd: string): Record<string, string> {
  return {
    RABBITMQ_NODENAME: "lectern@localhost",
    RABBITMQ_DIST_PORT: String(portOf(plan.basePort, "rabbitmq-dist")),
    ERL_EPMD_PORT: String(portOf(plan.basePort, "epmd")),
    ERL_EPMD_ADDRESS: "127.0.0.1",
    // Idle schedulers sleep: the whole stack shares the cores, and by default idle schedulers spin
    // for a while.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none",
    RABBITMQ_CONF_ENV_FILE: "/dev/null",
    RABBITMQ_CONFIG_FILE: join(cwd, "rabbitmq.conf"),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(cwd, "advanced.config"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(cwd, "enabled_plugins"),
    RABBITMQ_MNESIA_BASE: join(cwd, "mnesia"),
    RABBITMQ_LOG_BASE: join(cwd, "log"),
    RABBITMQ_LOGS: "-",
    // The start script becomes the broker instead of waiting beside it. The known pid is then the
    // broker's, which ends in order on SIGTERM.
    RUNNING_UNDER_SYSTEMD: "true",
  };
}

function writeSettings(plan: Plan, cwd: string): void {
  const cookie = join(cwd, ".erlang.cookie");
  rmSync(cookie, { force: true });
  writeFileSync(cookie, plan.secrets.erlangCookie, { mode: 0o400 });
  writeFileSync(join(cwd, "enabled_plugins"), "[rabbitmq_consistent_hash_exchange].\n");
  writeFileSync(join(cwd, "definitions.json"), JSON.stringify(definitions(plan)), { mode: 0o600 });
  const settings = [
    `listeners.tcp.1 = 127.0.0.1:${portOf(plan.basePort, "rabbitmq")}`,
    `load_definitions = ${join(cwd, "definitions.json")}`,
    "log.console.level = info",
    "",
  ];
  writeFileSync(join(cwd, "rabbitmq.conf"), settings.join("\n"));
}

/** One user for all virtual hosts. A broker that loads definitions makes no `guest`. */
function definitions({ secrets, vhosts }: Plan): object {
  const user = "lectern";
  const everything = { configure: ".*", write: ".*", read: ".*" };
  return {
    users: [
      {
        name: user,
        password_hash: saltedHash(secrets.rabbitmqPassword),
        hashing_algorithm: "rabbit_password_hashing_sha256",
        tags: "administrator",
      },
    ],
    vhosts: vhosts.map((name) => ({ name })),
    permissions: vhosts.map((vhost) => ({ user, vhost, ...everything })),
  };
}

/** RabbitMQ's form: four bytes of salt, then the SHA-256 of salt and password. */
function saltedHash(password: string): string {
  const salt = randomBytes(4);
  const hash = createHash("sha256").update(salt).update(password).digest();
  return Buffer.concat([salt, hash]).toString("base64");
}
