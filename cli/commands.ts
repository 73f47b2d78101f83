import type { Command } from "./command.ts";
import {
  amendLecture,
  cancelLecture,
  closeLecture,
  createLecture,
  deleteLecture,
  postponeLecture,
  publishLecture,
} from "./commands/change-lecture.ts";
import { exportLectures, importLectures } from "./commands/files.ts";
import { listHosts, putHost } from "./commands/hosts.ts";
import { lectureLog, listLectures, showLecture } from "./commands/read-lectures.ts";
import { bookStudents, listReservations } from "./commands/reservations.ts";
import { signIn } from "./commands/sign-in.ts";

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  signIn,
  listLectures,
  showLecture,
  lectureLog,
  createLecture,
  amendLecture,
  publishLecture,
  closeLecture,
  postponeLecture,
  cancelLecture,
  deleteLecture,
  importLectures,
  exportLectures,
  listReservations,
  bookStudents,
  listHosts,
  putHost,
];
