-- migrate:up

-- Who holds lectures.
CREATE TABLE IF NOT EXISTS host (
  id         VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name       VARCHAR(200) NOT NULL,
  created_at DATETIME(3)  NOT NULL,
  PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

-- The words of a lecture, and a copy of its terms. The terms' truth is the lecture's stock row; the
-- copy follows it by version. Version 0: the lecture's making is not decided yet.
CREATE TABLE IF NOT EXISTS lecture (
  id               BIGINT UNSIGNED NOT NULL,
  host_id          VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  title            VARCHAR(200)    NOT NULL,
  speaker          VARCHAR(200)    NOT NULL,
  bio              VARCHAR(2000)   NOT NULL,
  category         VARCHAR(60)     NOT NULL,
  venue            VARCHAR(200)    NOT NULL,
  poster_url       VARCHAR(500)    NULL,
  description      MEDIUMTEXT      NOT NULL,
  description_html MEDIUMTEXT      NOT NULL,
  version          INT UNSIGNED    NOT NULL DEFAULT 0,
  published        BOOLEAN         NOT NULL DEFAULT FALSE,
  cancelled        BOOLEAN         NOT NULL DEFAULT FALSE,
  opens_at         DATETIME(3)     NOT NULL,
  closes_at        DATETIME(3)     NOT NULL,
  starts_at        DATETIME(3)     NOT NULL,
  ends_at          DATETIME(3)     NOT NULL,
  cancel_until     DATETIME(3)     NULL,
  capacity         INT UNSIGNED    NOT NULL,
  audience         TEXT            NOT NULL,
  created_by       VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at       DATETIME(3)     NOT NULL,
  updated_at       DATETIME(3)     NOT NULL,
  creation         CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  searched         VARCHAR(670)    AS (CONCAT_WS(' ', title, speaker, venue, category)) STORED,
  PRIMARY KEY (id),
  UNIQUE KEY one_lecture_a_creation (creation),
  -- A search reads the key alone until a lecture fits.
  KEY lecture_by_start (published, starts_at, id, searched),
  KEY lecture_of_host (host_id, starts_at, id),
  KEY lecture_of_category (category, starts_at, id),
  -- contract/ids.ts: a longer id could be neither opened nor booked.
  CONSTRAINT lecture_id_has_15_digits CHECK (id BETWEEN 1 AND 999999999999999)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

-- What an amendment writes into the words, under its rid, from before the amendment is decided.
CREATE TABLE IF NOT EXISTS words (
  lecture_id BIGINT UNSIGNED NOT NULL,
  rid        VARCHAR(48) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  words      MEDIUMTEXT      NOT NULL,
  by_user    VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at DATETIME(3)     NOT NULL,
  PRIMARY KEY (lecture_id, rid)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- The last id given to a lecture, in its only row.
CREATE TABLE IF NOT EXISTS lecture_sequence (
  only_row TINYINT         NOT NULL DEFAULT 1,
  last     BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (only_row),
  CONSTRAINT last_id_has_15_digits CHECK (last <= 999999999999999)
) ENGINE = InnoDB;
INSERT INTO lecture_sequence (only_row, last) VALUES (1, 0) ON DUPLICATE KEY UPDATE last = last;

-- Written by an origin once a second, so that a replica shows how far behind it is.
CREATE TABLE IF NOT EXISTS heartbeat (
  id      TINYINT     NOT NULL,
  beat_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id)
) ENGINE = InnoDB;

-- migrate:down

DROP TABLE heartbeat;
DROP TABLE lecture_sequence;
DROP TABLE words;
DROP TABLE lecture;
DROP TABLE host;
