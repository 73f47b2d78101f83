import { connect } from "amqplib";
import type { Command } from "../../../../contract/command.ts";
import { queueNames } from "../../../../contract/names.ts";
import type { Pace } from "../closed-loop.ts";

/**
 * The library alone: one confirm channel with a window. The messages are Lectern's, equally
 * durable.
 */
export async function rawConfirms(url: string) {
  const connection = await connect(url, { noDelay: true });
  const channel = await connection.createConfirmChannel();

  return {
    /** Returns the messages confirmed per second. */
    publishAll(commands: readonly Command[], { atOnce, seconds }: Pace): Promise<number> {
      const startedAtMs = performance.now();
      const endsAtMs = startedAtMs + seconds * 1_000;
      let sent = 0;
      let confirmed = 0;
      return new Promise((resolve, reject) => {
        const send = () => {
          const command = commands[sent];
          if (!command || performance.now() > endsAtMs) return false;
          sent += 1;
          channel.publish(
            queueNames.commands,
            command.lectureId,
            Buffer.from(JSON.stringify(command)),
            propertiesOf(command, sent),
            (failure: unknown) => {
              if (failure) return reject(failure);
              confirmed += 1;
              if (!send() && confirmed === sent)
                resolve((1_000 * confirmed) / (performance.now() - startedAtMs));
            },
          );
          return true;
        };
        for (let index = 0; index < atOnce; index += 1) send();
      });
    },

    close: () => connection.close(),
  };
}

export function propertiesOf(command: Command, sent: number) {
  return {
    persistent: true,
    mandatory: true,
    contentType: "application/json",
    messageId: command.rid,
    type: command.kind,
    timestamp: Math.floor(Date.now() / 1_000),
    correlationId: String(sent),
  };
}
