import { fillDisk, freeDisk, setReadOnly } from "../system/mysql-control.ts";
import type { FaultKind } from "./fault.ts";

/** A database that answers but does not write. */
export const mysqlFaults: FaultKind[] = [
  {
    name: "read-only database",
    weight: 3,
    draw: () => ({
      what: "mysql read-only",
      resource: "mysql",
      begin: (system) => setReadOnly(system, true),
      heal: (system) => setReadOnly(system, false),
    }),
  },
  {
    name: "full disk",
    weight: 3,
    draw: () => ({
      what: "disk of mysql full",
      resource: "mysql",
      begin: fillDisk,
      heal: freeDisk,
    }),
  },
];
