-- migrate:up

-- A lecture's id has at most 15 digits (contract/ids.ts). A row with a longer id was listed, could
-- be neither opened nor booked, and made AUTO_INCREMENT go on from there. Such a row gets the next
-- free id. Nobody can have booked it.
SET @last = GREATEST(
  COALESCE((SELECT MAX(id) FROM lecture WHERE id < 1000000000000000), 0),
  COALESCE((SELECT MAX(lecture_id) FROM stock WHERE lecture_id < 1000000000000000), 0),
  COALESCE((SELECT MAX(lecture_id) FROM reservation WHERE lecture_id < 1000000000000000), 0)
);

UPDATE stock JOIN (
  SELECT id AS was, @last + ROW_NUMBER() OVER (ORDER BY id) AS becomes
    FROM lecture WHERE id >= 1000000000000000
) AS moved ON stock.lecture_id = moved.was
SET stock.lecture_id = moved.becomes;

UPDATE lecture JOIN (
  SELECT id AS was, @last + ROW_NUMBER() OVER (ORDER BY id) AS becomes
    FROM lecture WHERE id >= 1000000000000000
) AS moved ON lecture.id = moved.was
SET lecture.id = moved.becomes;

-- From here on the server refuses such a row. A CHECK may not look at a column with AUTO_INCREMENT.
-- A trigger would need an administrator's rights where there is a binary log. A table of one
-- partition needs none. If this fails, the statements above may run again.
ALTER TABLE lecture PARTITION BY RANGE (id)
  (PARTITION bookable VALUES LESS THAN (1000000000000000));

-- InnoDB reads this as: go on after the highest existing id.
ALTER TABLE lecture AUTO_INCREMENT = 1;

-- migrate:down

ALTER TABLE lecture REMOVE PARTITIONING;
