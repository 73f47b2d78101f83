-- migrate:up

-- The groups of a person's last sign-in, as a JSON list. NULL: nobody has said yet.
SET @step = IF(
  EXISTS (SELECT 1 FROM information_schema.columns
           WHERE table_schema = DATABASE() AND table_name = 'person' AND column_name = 'groups'),
  'DO 0',
  'ALTER TABLE person ADD COLUMN `groups` TEXT NULL');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

-- migrate:down

ALTER TABLE person DROP COLUMN `groups`;
