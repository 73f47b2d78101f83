import type { Genuine } from "./genuine.ts";

/** One attempt to impersonate a user: the headers of a request. */
export interface Forgery {
  name: string;
  headers: [name: string, value: string][];
}

/** A class of attempts. */
export type Forger = (genuine: Genuine) => Forgery[];

export function asBearer(name: string, token: string): Forgery {
  return { name, headers: [["Authorization", `Bearer ${token}`]] };
}
