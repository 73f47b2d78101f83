import { BOM, writeRecord } from "./write.ts";

/** Pages of records, each read when it is asked for. */
export type RecordPages = AsyncGenerator<readonly (readonly string[])[], void>;

const utf8 = new TextEncoder();

/**
 * A CSV file as a stream: a page of records at a time, read when the receiver has taken the page
 * before. So a file of any length takes the memory of a page. A page that cannot be read breaks the
 * stream: a file that ends is whole. A receiver that leaves ends the reading.
 */
export function csvStream(
  header: readonly string[],
  pages: RecordPages,
): ReadableStream<Uint8Array> {
  let isBegun = false;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (!isBegun) {
          isBegun = true;
          controller.enqueue(utf8.encode(BOM + writeRecord(header)));
          return;
        }
        const page = await nextRecords(pages);
        if (page === undefined) controller.close();
        else controller.enqueue(utf8.encode(page));
      },
      async cancel() {
        await pages.return(undefined);
      },
    },
    { highWaterMark: 1 },
  );
}

/** The text of the next page that has records: an empty chunk would end an HTTP body. */
async function nextRecords(pages: RecordPages): Promise<string | undefined> {
  for (;;) {
    const { done, value } = await pages.next();
    if (done) return undefined;
    if (value.length > 0) return value.map(writeRecord).join("");
  }
}
