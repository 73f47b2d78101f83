import type { PoolConnection } from "mysql2/promise";
import type { Database } from "../../../database/pool.ts";
import type { Kernel, Process } from "../kernel.ts";
import type { Statement } from "./statement.ts";
import { understand } from "./statements.ts";
import { createTables, MysqlError, type Transaction } from "./tables.ts";

interface Query {
  sql: string;
  values?: unknown[];
}

function connectionLost(): Error {
  return new MysqlError(
    "PROTOCOL_CONNECTION_LOST",
    "Connection lost: The server closed the connection.",
  );
}

/** A MySQL server, and the pool through which Lectern's processes reach it. */
export function createMysql(kernel: Kernel) {
  const tables = createTables();
  const connections = new Map<Transaction, Process>();

  function rollback(transaction: Transaction): void {
    connections.delete(transaction);
    tables.rollback(transaction);
  }

  /**
   * One connection for one piece of work. A statement runs in the open transaction, or in its own.
   */
  function connect(process: Process) {
    let transaction: Transaction | undefined;

    function runStatement(statement: Statement): unknown {
      const own = transaction ?? tables.begin();
      if (own.over) throw connectionLost();
      try {
        const rows = statement.run(own);
        if (own !== transaction) tables.commit(own);
        return rows;
      } catch (error) {
        if (own !== transaction) tables.rollback(own);
        throw error;
      }
    }

    function deadlock(): Error {
      if (transaction) rollback(transaction);
      return new MysqlError("ER_LOCK_DEADLOCK", "Deadlock found when trying to get lock");
    }

    async function query({ sql, values = [] }: Query): Promise<[unknown, unknown]> {
      const statement = understand(tables, sql, values);
      const own = transaction;
      const rows = await kernel.call(process, {
        server: "mysql",
        what: sql.trim().slice(0, 40),
        detail: values,
        effect: () => runStatement(statement),
        blocked: () => statement.needs.length > 0 && tables.lockedByAnother(statement.needs, own),
        lost: connectionLost,
        refused: deadlock,
      });
      return [rows, undefined];
    }

    const connection = {
      query,
      execute: query,
      ping: () => query({ sql: "SELECT 1" }),
      /** Takes no lock and no snapshot, so it need not be a step. */
      beginTransaction(): Promise<void> {
        transaction = tables.begin();
        connections.set(transaction, process);
        return Promise.resolve();
      },
      async commit(): Promise<void> {
        const own = transaction;
        if (!own) return;
        await kernel.call(process, {
          server: "mysql",
          what: "COMMIT",
          effect() {
            if (own.over) throw connectionLost();
            connections.delete(own);
            tables.commit(own);
          },
          lost: connectionLost,
        });
        transaction = undefined;
      },
      async rollback(): Promise<void> {
        const own = transaction;
        if (!own) return;
        await kernel.call(process, {
          server: "mysql",
          what: "ROLLBACK",
          effect: () => rollback(own),
          lost: connectionLost,
        });
        transaction = undefined;
      },
    };

    return {
      connection: connection as unknown as PoolConnection,
      /** The server notices the client's end. A COMMIT already on its way takes effect first. */
      destroy(): void {
        const own = transaction;
        if (!own || own.over) return;
        kernel.send(process, {
          server: "mysql",
          what: "connection gone",
          effect: () => rollback(own),
        });
      },
    };
  }

  return {
    tables,

    poolOf: (process: Process): Database => ({
      async withConnection(work) {
        const { connection, destroy } = connect(process);
        try {
          return await work(connection);
        } catch (error) {
          destroy();
          throw error;
        }
      },
      close: () => Promise.resolve(),
    }),

    /** Ends the transactions of a dead process, once the server notices. */
    forget(process: Process): void {
      for (const [transaction, owner] of connections) {
        if (owner === process)
          kernel.send(process, {
            server: "mysql",
            what: "connection gone",
            effect: () => rollback(transaction),
          });
      }
    },
  };
}
