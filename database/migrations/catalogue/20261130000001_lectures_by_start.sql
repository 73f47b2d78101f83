-- migrate:up

-- An admin's list shows the lectures of every host, unpublished ones too.
SET @step = IF(
  EXISTS (SELECT 1 FROM information_schema.statistics
           WHERE table_schema = DATABASE() AND table_name = 'lecture'
             AND index_name = 'lecture_by_any_start'),
  'DO 0',
  'ALTER TABLE lecture ADD KEY lecture_by_any_start (starts_at, id)');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

-- migrate:down

ALTER TABLE lecture DROP KEY lecture_by_any_start;
