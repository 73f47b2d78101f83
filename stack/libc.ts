import { dlopen } from "bun:ffi";

const LOCK_EX = 2;
const LOCK_NB = 4;
const PR_SET_CHILD_SUBREAPER = 36;

/** What the kernel offers and neither Bun nor Node hands on. */
const libc = dlopen("libc.so.6", {
  flock: { args: ["i32", "i32"], returns: "i32" },
  prctl: { args: ["i32", "u64", "u64", "u64", "u64"], returns: "i32" },
}).symbols;

/**
 * Takes the lock of an open file, and answers whether it was free. It is given back when the file is closed, by whatever ends
 * the process at the latest.
 */
export function tryLockFile(fd: number): boolean {
  return libc.flock(fd, LOCK_EX | LOCK_NB) === 0;
}

/**
 * From now on a process whose parent has ended becomes a child of this one, however far down it was started and whatever it
 * did to leave its family.
 */
export function adoptOrphans(): void {
  const failed = libc.prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n);
  if (failed) throw new Error("this system gives no process its orphaned descendants");
}
