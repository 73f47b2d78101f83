-- migrate:up

-- The catalogue of lectures. Organisers write it, everybody reads it.
CREATE TABLE lecture (
  id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  title      VARCHAR(200)    NOT NULL,
  speaker    VARCHAR(200)    NOT NULL,
  venue      VARCHAR(200)    NOT NULL,
  starts_at  DATETIME(3)     NOT NULL,
  ends_at    DATETIME(3)     NOT NULL,
  opens_at   DATETIME(3)     NOT NULL,
  closes_at  DATETIME(3)     NOT NULL,
  capacity   INT UNSIGNED    NOT NULL,
  published  BOOLEAN         NOT NULL DEFAULT FALSE,
  cancelled  BOOLEAN         NOT NULL DEFAULT FALSE,
  updated_at DATETIME(3)     NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (id),
  KEY lecture_by_opening (opens_at),
  KEY lecture_by_closing (closes_at),
  CONSTRAINT lecture_times CHECK (opens_at < closes_at AND starts_at < ends_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

-- The seats left of each lecture. Only the worker that consumes the lecture's partition writes it.
-- No foreign key to the catalogue: the two may live in databases of their own.
CREATE TABLE stock (
  lecture_id BIGINT UNSIGNED NOT NULL,
  capacity   INT UNSIGNED    NOT NULL,
  remaining  INT UNSIGNED    NOT NULL,
  cancelled  BOOLEAN         NOT NULL DEFAULT FALSE,
  PRIMARY KEY (lecture_id),
  CONSTRAINT stock_within_capacity CHECK (remaining <= capacity)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- The decisions: one row for each rid, written once. The unique key over active_user_id limits a
-- user to one confirmed row of a lecture. The column is NULL, and never equal, in other rows.
CREATE TABLE reservation (
  lecture_id     BIGINT UNSIGNED                            NOT NULL,
  rid            VARCHAR(48)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_id        VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  status         ENUM ('confirmed', 'rejected', 'cancelled') NOT NULL,
  reason         VARCHAR(32)  CHARACTER SET ascii COLLATE ascii_bin NULL,
  claimed_at     DATETIME(3)                                NOT NULL,
  decided_at     DATETIME(3)                                NOT NULL,
  active_user_id VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin
    AS (IF(status = 'confirmed', user_id, NULL)) STORED,
  PRIMARY KEY (lecture_id, rid),
  UNIQUE KEY one_active_reservation (lecture_id, active_user_id),
  KEY reservation_by_user (user_id, decided_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- migrate:down

DROP TABLE reservation;
DROP TABLE stock;
DROP TABLE lecture;
