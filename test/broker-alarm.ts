import { changeBroker, undoBrokerChange } from "./broker-changes.ts";

const ALARM = "{resource_limit, disk, node()}";
const RAISE = `ok = rabbit_alarm:set_alarm({${ALARM}, []})`;
const CLEAR = `ok = rabbit_alarm:clear_alarm(${ALARM})`;

/**
 * Raises or ends the disk alarm of the test run's broker, as a full disk would. With the alarm the
 * whole broker takes no message. The next test's start ends an alarm that a test leaves.
 */
export async function setBrokerAlarm(isRaised: boolean): Promise<void> {
  await (isRaised ? changeBroker(RAISE, CLEAR) : undoBrokerChange());
}
