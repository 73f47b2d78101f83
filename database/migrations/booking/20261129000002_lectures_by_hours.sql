-- migrate:up

-- A user who books is told of seats at the same hours (origin/overlaps.ts). Amendments alone write
-- these columns. The step may run again after a crash: DDL commits at once.
SET @step = IF(
  EXISTS (SELECT 1 FROM information_schema.statistics
           WHERE table_schema = DATABASE() AND table_name = 'stock'
             AND index_name = 'stock_by_hours'),
  'DO 0',
  'ALTER TABLE stock ADD KEY stock_by_hours (starts_at, ends_at)');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

-- migrate:down

ALTER TABLE stock DROP KEY stock_by_hours;
