-- migrate:up

-- A user's reservations are read page by page, newest claim first. A claim's time never changes, so
-- a page begins where the page before it ended. A cancel changes the time of a decision.
ALTER TABLE reservation
  ADD KEY reservation_of_user (user_id, claimed_at, lecture_id, rid),
  DROP KEY reservation_by_user;

-- migrate:down

ALTER TABLE reservation
  ADD KEY reservation_by_user (user_id, decided_at),
  DROP KEY reservation_of_user;
