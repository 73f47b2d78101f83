-- migrate:up

-- The booking terms of a lecture move from the catalogue's table to its stock row. The catalogue
-- becomes a schema of its own. Each step may run again after a crash: DDL commits at once.
SET SESSION time_zone = '+00:00', SESSION sql_mode = '';

-- What an organiser asked for is `target`. `capacity` is what counts, and stays above the target
-- while confirmed seats keep it there. Bookings never write a column that a key holds.
-- A row without terms of its own closes when it opens, so it admits nobody.
SET @step = IF(
  EXISTS (SELECT 1 FROM information_schema.columns
           WHERE table_schema = DATABASE() AND table_name = 'stock' AND column_name = 'target'),
  'DO 0',
  'ALTER TABLE stock
     ADD COLUMN target INT UNSIGNED NOT NULL DEFAULT 0,
     ADD COLUMN version INT UNSIGNED NOT NULL DEFAULT 1,
     ADD COLUMN published BOOLEAN NOT NULL DEFAULT FALSE,
     ADD COLUMN opens_at DATETIME(3) NOT NULL DEFAULT ''1970-01-01 00:00:00.000'',
     ADD COLUMN closes_at DATETIME(3) NOT NULL DEFAULT ''1970-01-01 00:00:00.000'',
     ADD COLUMN starts_at DATETIME(3) NOT NULL DEFAULT ''1970-01-01 00:00:00.000'',
     ADD COLUMN ends_at DATETIME(3) NOT NULL DEFAULT ''1970-01-01 00:00:00.000'',
     ADD COLUMN cancel_until DATETIME(3) NULL,
     ADD COLUMN audience TEXT NULL,
     ADD COLUMN amended_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
     ADD KEY stock_by_opening (opens_at),
     ADD KEY stock_by_closing (closes_at),
     ADD KEY stock_by_amendment (amended_at)');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

-- Nothing of the old table is left to do once it has its new name.
SET @isDone = NOT EXISTS (
  SELECT 1 FROM information_schema.tables
   WHERE table_schema = DATABASE() AND table_name = 'lecture');

-- A lecture whose making was interrupted has no stock. It gets one with all its free seats.
SET @step = IF(@isDone, 'DO 0',
  'INSERT INTO stock (lecture_id, capacity, remaining)
   SELECT lecture.id, GREATEST(lecture.capacity, COALESCE(held.seats, 0)),
          GREATEST(lecture.capacity, COALESCE(held.seats, 0)) - COALESCE(held.seats, 0)
     FROM lecture
     LEFT JOIN stock ON stock.lecture_id = lecture.id
     LEFT JOIN (SELECT lecture_id, COUNT(*) AS seats FROM reservation
                 WHERE status = ''confirmed'' GROUP BY lecture_id) AS held
       ON held.lecture_id = lecture.id
    WHERE stock.lecture_id IS NULL');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

UPDATE stock SET target = capacity WHERE NOT @isDone;

-- No seat is made here: a higher number in the old table never reached a booking. A lower one is
-- what the organiser asks for, and the sweeper sinks the capacity towards it.
SET @step = IF(@isDone, 'DO 0',
  'UPDATE stock JOIN lecture ON lecture.id = stock.lecture_id
      SET stock.target = LEAST(lecture.capacity, stock.capacity),
          stock.published = lecture.published,
          stock.cancelled = stock.cancelled OR lecture.cancelled,
          stock.opens_at = lecture.opens_at,
          stock.closes_at = lecture.closes_at,
          stock.starts_at = lecture.starts_at,
          stock.ends_at = lecture.ends_at,
          stock.amended_at = lecture.updated_at');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

-- Booking ends at the start. The lecture that `npm start` books began in 2000 and is open.
SET @step = IF(@isDone, 'DO 0',
  'UPDATE stock JOIN lecture ON lecture.id = stock.lecture_id
      SET stock.starts_at = stock.closes_at, stock.ends_at = stock.closes_at + INTERVAL 1 HOUR
    WHERE lecture.title = ''npm start books here, to show that booking works''');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

UPDATE stock SET audience = '[]' WHERE audience IS NULL;

-- What happened to a lecture: one row for each amendment, written once.
CREATE TABLE IF NOT EXISTS amendment (
  lecture_id      BIGINT UNSIGNED             NOT NULL,
  rid             VARCHAR(48) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  outcome         ENUM ('applied', 'refused') NOT NULL,
  reason          VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
  version         INT UNSIGNED                NOT NULL,
  change_asked    TEXT                        NOT NULL,
  before_terms    TEXT                        NULL,
  after_terms     TEXT                        NULL,
  by_user         VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  requested_at    DATETIME(3)                 NOT NULL,
  decided_at      DATETIME(3)                 NOT NULL,
  applied_version INT UNSIGNED
    AS (IF(outcome = 'applied', version, NULL)) STORED,
  PRIMARY KEY (lecture_id, rid),
  UNIQUE KEY one_amendment_a_version (lecture_id, applied_version)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Its words go to the catalogue next (database/carry-over.ts), and then it goes.
SET @step = IF(@isDone, 'DO 0', 'RENAME TABLE lecture TO lecture_0_2');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

-- migrate:down

RENAME TABLE lecture_0_2 TO lecture;
DROP TABLE amendment;
ALTER TABLE stock
  DROP KEY stock_by_opening, DROP KEY stock_by_closing, DROP KEY stock_by_amendment,
  DROP COLUMN target, DROP COLUMN version, DROP COLUMN published, DROP COLUMN opens_at,
  DROP COLUMN closes_at, DROP COLUMN starts_at, DROP COLUMN ends_at, DROP COLUMN cancel_until,
  DROP COLUMN audience, DROP COLUMN amended_at;
