/** The reservation and the lecture that the faked servers know. */
export const RID = `7-${"0".repeat(32)}`;
export const LECTURE = {
  id: "7",
  title: "Light",
  speaker: "P",
  bio: "",
  category: "",
  venue: "H",
  posterUrl: null,
  descriptionHtml: "",
  capacity: 1,
  version: 1,
};
