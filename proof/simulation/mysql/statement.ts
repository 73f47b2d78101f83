import type { Tables, Transaction } from "./tables.ts";

/** A parsed statement: the locks it waits for, and its effect. */
export interface Statement {
  /** the row locks it needs; it waits while another transaction has one */
  needs: string[];
  run(own: Transaction): unknown;
}

export type Understand = (tables: Tables, sql: string, values: unknown[]) => Statement;
