-- Which connections have their files watched, so that whoever looks after them needs to read no settings.

ALTER TABLE connections ADD COLUMN files_watched BOOLEAN GENERATED ALWAYS AS (connector = 'file' AND config LIKE '%"watch":true%') VIRTUAL;
