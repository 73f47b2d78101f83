import { bindOrUnbind, rabbitmqctl } from "../system/broker-control.ts";
import { type FaultKind, pick } from "./fault.ts";

/** A broker low on memory or disk takes no more messages and withholds its confirms. */
const alarms: { what: string; begin: string[]; heal: string[] }[] = [
  {
    what: "memory alarm of rabbitmq",
    begin: ["set_vm_memory_high_watermark", "0"],
    heal: ["set_vm_memory_high_watermark", "0.4"],
  },
  {
    what: "disk alarm of rabbitmq",
    begin: ["set_disk_free_limit", "1000TB"],
    heal: ["set_disk_free_limit", "50MB"],
  },
];

export const brokerFaults: FaultKind[] = [
  {
    name: "broker alarm",
    weight: 3,
    draw: (random) => {
      const { what, begin, heal } = pick(random, alarms);
      return {
        what,
        resource: "rabbitmq",
        begin: (system) => rabbitmqctl(system, ...begin),
        heal: (system) => rabbitmqctl(system, ...heal),
      };
    },
  },
  {
    name: "unbound queue",
    weight: 3,
    draw: (random) => {
      const partitions = pick(random, [[0], [1], [2], [3], [0, 1, 2, 3], [0, 1, 2, 3]]);
      return {
        what: `rabbitmq partitions ${partitions.join(" ")} unbound`,
        resource: "rabbitmq",
        begin: (system) => bindOrUnbind(system, "unbindQueue", partitions),
        heal: (system) => bindOrUnbind(system, "bindQueue", partitions),
      };
    },
  },
];
