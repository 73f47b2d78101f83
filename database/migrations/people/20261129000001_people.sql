-- migrate:up

-- Who has signed in. No other schema holds a student number.
CREATE TABLE IF NOT EXISTS person (
  id             VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  student_number VARCHAR(32) NOT NULL,
  created_at     DATETIME(3) NOT NULL,
  signed_in_at   DATETIME(3) NOT NULL,
  PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- migrate:down

DROP TABLE person;
