import type { PoolConnection } from "mysql2/promise";
import type { Database } from "../../../database/pool.ts";
import type { Kernel, Process } from "../kernel.ts";
import { type Statement, understand } from "./statements.ts";
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

    async function end(what: string, effect: (own: Transaction) => void): Promise<void> {
      const own = transaction;
      if (!own) return;
      await kernel.call(process, {
        server: "mysql",
        what,
        effect: () => effect(own),
        lost: connectionLost,
      });
      transaction = undefined;
    }

    function commit(own: Transaction): void {
      if (own.over) throw connectionLost();
      connections.delete(own);
      tables.commit(own);
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
      commit: () => end("COMMIT", commit),
      rollback: () => end("ROLLBACK", rollback),
    };

    return {
      connection: connection as unknown as PoolConnection,
      /** A COMMIT already on its way takes effect first. */
      destroy(): void {
        if (transaction && !transaction.over) noticeEnd(process, transaction);
      },
    };
  }

  /** The server notices the client's end. */
  function noticeEnd(process: Process, own: Transaction): void {
    const what = "connection gone";
    kernel.send(process, { server: "mysql", what, effect: () => rollback(own) });
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
        if (owner === process) noticeEnd(process, transaction);
      }
    },
  };
}
