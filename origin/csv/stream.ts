import { BOM, writeRecord } from "./write.ts";

const utf8 = new TextEncoder();

/** Pages of records, each read when it is asked for. */
export type RecordPages = AsyncGenerator<readonly (readonly string[])[], void>;

/**
 * A CSV file as a stream: a page of records at a time, read when the receiver has taken the page
 * before. So a file of any length takes the memory of a page. Rejects if the first page cannot be
 * read. A later page that cannot be read breaks the stream: a file that ends is whole. A receiver
 * that leaves ends the reading.
 *
 * @param onBroken called with the error that breaks the stream
 */
export async function csvStream(
  header: readonly string[],
  pages: RecordPages,
  onBroken: (error: unknown) => void,
): Promise<ReadableStream<Uint8Array>> {
  let text: string | undefined = BOM + writeRecord(header) + ((await nextRecords(pages)) ?? "");
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          text ??= await nextRecords(pages);
        } catch (error) {
          onBroken(error);
          throw error;
        }
        if (text === undefined) controller.close();
        else controller.enqueue(utf8.encode(text));
        text = undefined;
      },
      async cancel() {
        await pages.return();
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
