import { createRequire } from "node:module";

/** What the library keeps the answer to a `multi` in; it makes one for each, and has it read its bytes. */
interface LibraryAnswer {
  results: unknown[];
  setChrootPath(path: string): void;
  deserialize(bytes: Buffer, at: number): number;
}

/** The library's records, by which its connection reads what comes; its types leave them out. */
const records = createRequire(import.meta.url)("node-zookeeper-client/lib/jute/index.js") as {
  TransactionResponse: new () => LibraryAnswer;
};

const ReadAtOnce = records.TransactionResponse;

/** The type of an operation that came to nothing, and of all others of its `multi`. */
const OP_ERROR = -1;
/** `type`, `done`, `err`: before what came of each operation, and once after the last. */
const HEAD_BYTES = 9;

/**
 * The answer to a `multi`, read when somebody asks for it, and no further than that takes. Once this file is imported the library takes it in
 * place of its own, which makes a dozen objects of every operation's answer as it comes in, although all of them say the same. Whoever asks
 * for its `results`, as the library's own transactions do, gets them as ever.
 */
export class MultiAnswer implements LibraryAnswer {
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
    const read = new ReadAtOnce();
    if (this.#chrootPath) read.setChrootPath(this.#chrootPath);
    read.deserialize(this.#bytes, 0);
    return read.results;
  }

  /**
   * The code of the operation that failed, 0 where none did. All or none are done: where one failed, all others have an error too, of code 0
   * those before it.
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

records.TransactionResponse = MultiAnswer;
