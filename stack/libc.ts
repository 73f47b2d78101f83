import { dlopen } from "bun:ffi";

const LOCK_EX = 2;
const LOCK_NB = 4;
const PR_SET_CHILD_SUBREAPER = 36;

/** Calls of the kernel that neither Bun nor Node offers. */
const libc = dlopen("libc.so.6", {
  flock: { args: ["i32", "i32"], returns: "i32" },
  prctl: { args: ["i32", "u64", "u64", "u64", "u64"], returns: "i32" },
}).symbols;

/**
 * Takes the lock of an open file. Gives whether it was free. Closing the file releases the lock, at
 * the latest when the process ends.
 */
export function tryLockFile(fd: number): boolean {
  return libc.flock(fd, LOCK_EX | LOCK_NB) === 0;
}

/**
 * From now on an orphaned descendant becomes a child of this process, however deep it was started
 * and however it left its family. Throws Error where the kernel refuses.
 */
export function adoptOrphans(): void {
  const failed = libc.prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n);
  if (failed) throw new Error("this system gives no process its orphaned descendants");
}
