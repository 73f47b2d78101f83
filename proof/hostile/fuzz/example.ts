/** The reservation and the lecture that the faked servers know. */
export const RID = `7-${"0".repeat(32)}`;
export const LECTURE = { id: "7", title: "Light", speaker: "P", venue: "H", capacity: 1 };
