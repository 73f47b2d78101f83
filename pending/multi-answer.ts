import { LibraryAnswer, readAnswersWith, type TransactionAnswer } from "./zookeeper-internals.ts";

/** The result type of a failed operation, and of all others of its `multi`. */
const OP_ERROR = -1;
/** `type`, `done`, `err`: before the result of each operation, and once after the last. */
const HEAD_BYTES = 9;

/**
 * A `multi`'s answer, read on demand and only as far as needed. Importing this file makes the
 * library use this class. The library's own class makes a dozen objects for each operation's answer
 * as it comes in, although all say the same. Readers of `results`, such as the library's own
 * transactions, get the usual results.
 */
export class MultiAnswer implements TransactionAnswer {
  #bytes: Buffer = Buffer.alloc(0);
  #chrootPath = "";
  #results: unknown[] | undefined;

  setChrootPath(path: string): void {
    this.#chrootPath = path;
  }

  deserialize(bytes: Buffer, at: number): number {
    this.#bytes = bytes.subarray(at);
    return this.#bytes.length;
  }

  get results(): unknown[] {
    this.#results ??= this.#read();
    return this.#results;
  }

  #read(): unknown[] {
    const read = new LibraryAnswer();
    if (this.#chrootPath) read.setChrootPath(this.#chrootPath);
    read.deserialize(this.#bytes, 0);
    return read.results;
  }

  /**
   * The code of the failed operation; 0 if none failed. A `multi` is all or nothing: after a
   * failure every operation has an error, with code 0 before the failed one.
   */
  failedWith(): number {
    for (
      let at = 0;
      this.#bytes.readInt32BE(at) === OP_ERROR && this.#bytes[at + 4] === 0;
      at += HEAD_BYTES + 4
    ) {
      const code = this.#bytes.readInt32BE(at + HEAD_BYTES);
      if (code !== 0) return code;
    }
    return 0;
  }
}

readAnswersWith(MultiAnswer);
